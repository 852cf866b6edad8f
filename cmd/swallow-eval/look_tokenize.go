package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/local"
)

func newTokenizeCommand(c console) *cobra.Command {
	var m modelFlags
	var input string
	cmd := &cobra.Command{
		Use:   "tokenize --model M [--input F]",
		Short: "Encode texts: one JSON string a line in, ids and pieces out",
		Long: `tokenize reads one text a line, as a JSON string, and prints {"ids":[],"pieces":[]}. No special tokens are added, and
text such as <s> is ordinary text. Only the tokenizer's files of the model directory are needed.`,
		Example: `  echo '"東京は"' | swallow-eval tokenize --model ./Swallow-7b-hf`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			place, _, err := m.local(cmd.Context(), c, local.Tokenizer)
			if err != nil {
				return err
			}
			tok, err := place.Tokenizer()
			if err != nil {
				return m.flagged(err)
			}
			r, name, err := openInput(c, input)
			if err != nil {
				return err
			}
			out := terminal.NewLines(c.out)
			err = terminal.EachLine(name, r, func(line []byte) error {
				var text string
				if err := json.Unmarshal(line, &text); err != nil {
					return fmt.Errorf("not a JSON string: %w", err)
				}
				if err := cmd.Context().Err(); err != nil {
					return err
				}
				return out.Write(struct {
					IDs    []int32  `json:"ids"`
					Pieces []string `json:"pieces"`
				}{nonNil(tok.Encode(text)), nonNil(tok.Pieces(text))})
			})
			return errors.Join(err, out.Flush(), r.Close())
		},
	}
	m.registerModel(cmd)
	cmd.Flags().StringVarP(&input, "input", "i", "", "file of JSON strings, one a line (default: standard input)")
	return cmd
}

// nonNil makes an empty list print as [] rather than null.
func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
