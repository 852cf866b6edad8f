package engine

import (
	"io/fs"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/checkpoint"
)

// Config is what the engine takes from config.json and generation_config.json, or from a GGUF file's metadata: sizes of the
// model (VocabSize, HiddenSize, Intermediate, Layers, Heads, KVHeads, HeadDim, MaxPositions), RMSNormEps, RopeTheta and
// RopeScaling, TieEmbeddings, the special tokens BOS and EOS, StoredDType, the format of the weight matrices in the files
// ("float32", "bfloat16", "float16", "mixed" or a quantised one), and Ignored, the unknown keys passed over on the caller's word.
type Config = arch.Config

// RopeScaling changes the rotary frequencies: Type "", "linear" or "llama3", and that type's numbers. The zero value leaves
// them alone.
type RopeScaling = arch.RopeScaling

// AdapterError is the error of a folder of a LoRA adapter where one of a model is wanted.
type AdapterError = arch.AdapterError

// ReadConfig reads config.json and, where it exists, generation_config.json in dir. Every key must be known: one that
// might change the computation in a way the engine does not implement is an error, never ignored. StoredDType stays
// empty; it takes the weights to know it. dir may be a GGUF file, which holds all that too. ignore are unknown keys as in
// Options.IgnoreConfig.
func ReadConfig(dir string, ignore ...string) (Config, error) {
	return checkpoint.ReadConfig(dir, ignore)
}

// CheckNames refuses a folder of which only the names of the files are known if ReadConfig would refuse it for them: an adapter
// beside the weights or alone, and the layout of Meta's releases. Paths have slashes and begin at the folder.
func CheckNames(names []string) error { return arch.CheckNames(names) }

// CheckFolder refuses a folder for the same, without a look at its configuration: for those who need its tokenizer alone.
func CheckFolder(dir string) error { return arch.CheckFolder(dir) }

// CheckAdapter says whether the LoRA adapter in a folder can be merged into a model of that configuration. It reads the adapter
// alone.
func CheckAdapter(dir string, c Config) error { return checkpoint.CheckAdapter(dir, c) }

// AdapterBase is the base model that an adapter's folder names, "" where it names none. An adapter of a kind that cannot be
// merged is an error. It reads adapter_config.json alone.
func AdapterBase(dir string) (string, error) { return checkpoint.AdapterBase(dir) }

// ReadConfigFS is ReadConfig for a file system, such as that of a program's embedded files.
func ReadConfigFS(files fs.FS, ignore ...string) (Config, error) { return arch.ReadFS(files, ignore) }
