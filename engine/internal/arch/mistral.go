package arch

// mistral is Mistral 7B and its like (Jiang et al., "Mistral 7B", 2023; huggingface/transformers
// src/transformers/models/mistral/configuration_mistral.py @001f85b3 and modeling_mistral.py @005a187e): Llama's block, in
// which a token sees the last sliding_window tokens, itself included. GGUF files call it llama, and do not know the window.
func mistral() Architecture {
	a := family("mistral", "MistralForCausalLM", "")
	a.Block = llamaBlock
	a.config, a.key, a.notNull = mistralConfig, mistralKey, []string{"hidden_act"}
	return a
}

func mistralConfig(f *fields) Config {
	c := f.common(defaults{positions: 131072, kvHeads: 8})
	c.Family = "mistral"
	if !f.null("sliding_window") { // null is no window, and absent is not null
		c.Windows = everyLayer(c.Layers, f.size("sliding_window", 4096))
	}
	return c
}

// mostLayers bounds what is allocated for a number of layers before a tensor has confirmed it.
const mostLayers = 1 << 12

func everyLayer(layers, window int) []int {
	list := make([]int, min(layers, mostLayers))
	for i := range list {
		list[i] = window
	}
	return list
}

func mistralKey(key string, value []byte) (known bool, err error) {
	switch key {
	case "sliding_window":
		return true, nil
	case "attention_bias", "mlp_bias":
		return true, only(key, value, "false", "Mistral's layers have no biases")
	case "layer_types":
		return true, only(key, value, "", "layers of several kinds are not Mistral's")
	}
	return siluKey(key, value)
}
