package engine

import "github.com/swallow-eval/swallow-eval/engine/internal/arch"

// GenerationSetting is one setting by which a model's authors would change how Hugging Face's generate() runs: sampling,
// penalties, lengths. File is where it stands, Value JSON, shortened; Applied tells whether the engine obeys it, as it does
// the end tokens alone: how to generate is the caller's decision.
type GenerationSetting = arch.GenerationSetting

// ReadGeneration lists the settings of generation_config.json that differ from what generate() does without the file, in
// the file's order. Without the file the settings are those that old checkpoints keep in config.json, which generate()
// obeys then. Keys that are not known are listed too. A GGUF file has none.
func ReadGeneration(dir string) ([]GenerationSetting, error) { return arch.ReadGeneration(dir) }
