// Package lora reads LoRA adapters as the PEFT library writes them (huggingface/peft src/peft/tuners/lora/config.py and
// src/peft/utils/save_and_load.py) and shows a model's arrays with an adapter merged into them. What PEFT has and this does
// not is refused by name.
//
// # The merge
//
// A matrix W of the base model (outputs, inputs) becomes W + s·BA, with A (r, inputs) and B (outputs, r) of the adapter and
// s = lora_alpha/r, or lora_alpha/sqrt(r) with use_rslora. Each element is
//
//	float32(W + s·(B₀A₀ + B₁A₁ + ...))
//
// in float64: every product of two stored numbers is exact there, products are added in ascending order, and sum, product
// with s and addition of W are each rounded to float64. So it is the exact value rounded to float32, but for the rounding of
// float64. The merge_and_unload of PEFT rounds the product and the sum to the type of the base's weights instead, bfloat16
// mostly: a checkpoint that it wrote is another model.
package lora
