package harness

import "github.com/swallow-eval/swallow-eval/tasks"

// Window is the JP wrapper's max_length: the model's positions, 4096 at most. Swallow's copy clips
// max_position_embeddings to that.
func Window(b tasks.Budget) int { return min(b.Window(), 4096) }

// PromptRoom is the most tokens a prompt may have for MaxTokens to fit after it.
func PromptRoom(b tasks.Budget) int { return Window(b) - MaxTokens }
