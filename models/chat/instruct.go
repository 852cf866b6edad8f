package chat

// Instruct is the prompt of the Swallow instruct models (model card, quick start): one with and one without
// an input. Nothing follows the last colon.
func Instruct(instruction, input string) string {
	if input == "" {
		return "以下に、あるタスクを説明する指示があります。リクエストを適切に完了するための回答を記述してください。\n\n### 指示:\n" +
			instruction + "\n\n### 応答:"
	}
	return "以下に、あるタスクを説明する指示があり、それに付随する入力が更なる文脈を提供しています。リクエストを適切に完了するための回答を記述してください。\n\n### 指示:\n" +
		instruction + "\n\n### 入力:\n" + input + "\n\n### 応答:"
}

// Ask is a user's turn, behind one of the system where that has a text.
func Ask(system, prompt string) []Turn {
	var turns []Turn
	if system != "" {
		turns = append(turns, Turn{Role: "system", Content: system})
	}
	return append(turns, Turn{Role: "user", Content: prompt})
}
