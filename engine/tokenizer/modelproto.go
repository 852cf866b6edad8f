package tokenizer

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// model is what matters of a sentencepiece.ModelProto (sentencepiece_model.proto, v0.1.97). Field numbers and defaults
// below are that file's.
type model struct {
	pieces     []piece
	trainer    trainerSpec
	normalizer normalizerSpec
	denormal   normalizerSpec
	skipUnused bool // unused pieces are holes, as conversions fill vocabularies up with; else they are refused
}

type piece struct {
	text  string
	score float32
	kind  uint64
}

// Values of ModelProto.SentencePiece.Type.
const (
	typeNormal      = 1
	typeUnknown     = 2
	typeControl     = 3
	typeUserDefined = 4
	typeUnused      = 5
	typeByte        = 6
)

type trainerSpec struct {
	modelType        uint64
	suffixWhitespace bool
	byteFallback     bool
	bos, eos         string
}

// modelType names TrainerSpec.ModelType; Unigram and BPE are read.
func modelType(n uint64) string {
	switch n {
	case 1:
		return "Unigram"
	case 2:
		return "BPE"
	case 3:
		return "Word"
	case 4:
		return "Char"
	}
	return fmt.Sprintf("number %d", n)
}

const (
	modelUnigram = 1
	modelBPE     = 2
)

type normalizerSpec struct {
	name         string
	charsmap     []byte
	dummyPrefix  bool
	extraSpaces  bool // remove_extra_whitespaces
	escapeSpaces bool
}

// field is one field of a protobuf message.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64 // of a varint or fixed32
	bytes  []byte // of a length-delimited field
}

// fields calls each for every field of a message, in order. Groups, which the format has none of, are errors.
func fields(message []byte, each func(field) error) error {
	for at := 0; at < len(message); {
		number, kind, n := protowire.ConsumeTag(message[at:])
		if n < 0 {
			return fmt.Errorf("broken field tag at byte %d", at)
		}
		at += n
		f := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(message[at:])
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(message[at:])
			f.value = uint64(v)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(message[at:])
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message[at:])
		default:
			return fmt.Errorf("field %d at byte %d has wire type %d", number, at, kind)
		}
		if n < 0 {
			return fmt.Errorf("field %d at byte %d reaches past the end of its message (%d bytes)", number, at, len(message))
		}
		at += n
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// want checks a field's wire type.
func (f field) want(kind protowire.Type, name string) error {
	if f.kind != kind {
		return fmt.Errorf("%s has wire type %d instead of %d", name, f.kind, kind)
	}
	return nil
}

func (f field) flag(name string, to *bool) error {
	*to = f.value != 0
	return f.want(protowire.VarintType, name)
}

func (f field) number64(name string, to *uint64) error {
	*to = f.value
	return f.want(protowire.VarintType, name)
}

func (f field) text(name string, to *string) error {
	*to = string(f.bytes)
	return f.want(protowire.BytesType, name)
}

// parseModel reads the protobuf message.
func parseModel(content []byte) (*model, error) {
	m := &model{
		trainer:    trainerSpec{modelType: 1, bos: "<s>", eos: "</s>"},
		normalizer: normalizerSpec{dummyPrefix: true, extraSpaces: true, escapeSpaces: true},
	}
	err := fields(content, func(f field) error {
		var name string
		var read func([]byte) error
		switch f.number {
		case 1:
			name, read = fmt.Sprintf("piece %d", len(m.pieces)), m.readPiece
		case 2:
			name, read = "trainer_spec", m.trainer.read
		case 3:
			name, read = "normalizer_spec", m.normalizer.read
		case 5:
			name, read = "denormalizer_spec", m.denormal.read
		default:
			return nil // self_test_data and extensions change no id
		}
		if err := f.want(protowire.BytesType, name); err != nil {
			return err
		}
		if err := read(f.bytes); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	return m, err
}

func (m *model) readPiece(message []byte) error {
	p := piece{kind: typeNormal}
	err := fields(message, func(f field) error {
		switch f.number {
		case 1:
			return f.text("piece", &p.text)
		case 2:
			p.score = math.Float32frombits(uint32(f.value))
			return f.want(protowire.Fixed32Type, "score")
		case 3:
			return f.number64("type", &p.kind)
		}
		return nil
	})
	m.pieces = append(m.pieces, p)
	return err
}

func (s *trainerSpec) read(message []byte) error {
	return fields(message, func(f field) error {
		switch f.number {
		case 3:
			return f.number64("model_type", &s.modelType)
		case 24:
			return f.flag("treat_whitespace_as_suffix", &s.suffixWhitespace)
		case 35:
			return f.flag("byte_fallback", &s.byteFallback)
		case 46:
			return f.text("bos_piece", &s.bos)
		case 47:
			return f.text("eos_piece", &s.eos)
		}
		return nil
	})
}

func (s *normalizerSpec) read(message []byte) error {
	return fields(message, func(f field) error {
		switch f.number {
		case 1:
			return f.text("name", &s.name)
		case 2:
			s.charsmap = f.bytes
			return f.want(protowire.BytesType, "precompiled_charsmap")
		case 3:
			return f.flag("add_dummy_prefix", &s.dummyPrefix)
		case 4:
			return f.flag("remove_extra_whitespaces", &s.extraSpaces)
		case 5:
			return f.flag("escape_whitespaces", &s.escapeSpaces)
		}
		return nil
	})
}
