package chat

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestInstructTemplate(t *testing.T) {
	assert.Equal(t, "以下に、あるタスクを説明する指示があります。リクエストを適切に完了するための回答を記述してください。\n\n### 指示:\nX\n\n### 応答:", Instruct("X", ""))
	assert.Equal(t, "以下に、あるタスクを説明する指示があり、それに付随する入力が更なる文脈を提供しています。リクエストを適切に完了するための回答を記述してください。\n\n### 指示:\nX\n\n### 入力:\nY\n\n### 応答:", Instruct("X", "Y"))
}

// TestAsk: a system's turn is there only where it says something.
func TestAsk(t *testing.T) {
	assert.Equal(t, []Turn{{Role: "user", Content: "p"}}, Ask("", "p"))
	assert.Equal(t, []Turn{{Role: "system", Content: "s"}, {Role: "user", Content: "p"}}, Ask("s", "p"))
}
