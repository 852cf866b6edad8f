package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// chatMessage is a message as the protocol has it: its content is a string, or parts of which each is a text.
type chatMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

func (m chatMessage) plain() (Message, error) {
	var text string
	if json.Unmarshal(m.Content, &text) == nil {
		return Message{m.Role, text}, nil
	}
	var list []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if json.Unmarshal(m.Content, &list) != nil {
		return Message{}, errors.New("content is neither a string nor parts of text")
	}
	for _, p := range list {
		if p.Type != "text" || p.Text == nil {
			return Message{}, fmt.Errorf("content has a part of type %q, this model reads text alone", p.Type)
		}
		text += *p.Text
	}
	return Message{m.Role, text}, nil
}

// readChat takes a conversation's fields and makes a request for a completion of them.
func (s *Server) readChat(f *fields) (q completionRequest, err error) {
	if err := s.takeModel(f); err != nil {
		return q, err
	}
	if s.model.Chat == nil {
		return q, bad(fmt.Errorf("the model %q has no chat template: ask /v1/completions", s.model.Identity.Name))
	}
	var messages []chatMessage
	if q.protocol, err = takeProtocol(f); err == nil {
		q.stops, err = takeStops(f)
	}
	q.most = -1
	var logProbs bool
	err = errors.Join(err, take(f, "messages", &messages), take(f, "max_tokens", &q.most), take(f, "max_completion_tokens", &q.most),
		take(f, "logprobs", &logProbs), take(f, "return_token_ids", &q.ids), q.takeStream(f), f.finish())
	switch {
	case err != nil:
	case len(messages) == 0:
		err = errors.New("messages: missing")
	case logProbs:
		err = errors.New("logprobs: not of a conversation; ask /v1/completions for them")
	}
	if err != nil {
		return q, bad(err)
	}
	turns := make([]Message, len(messages))
	for i, m := range messages {
		if turns[i], err = m.plain(); err != nil {
			return q, bad(fmt.Errorf("messages[%d]: %w", i, err))
		}
	}
	ids, err := s.model.Chat(turns)
	if err != nil {
		return q, bad(fmt.Errorf("messages: %w", err))
	}
	if q.prompts = []prompt{{ids: ids}}; q.most < 0 {
		q.most = max(0, s.model.Encoder.Window()-len(ids)) // the protocol's default is what the model has room for
	}
	return q, nil
}

// chatText is a message of an answer, or what is new of it.
type chatText struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

type chatChoice struct {
	Index   int       `json:"index"`
	Message *chatText `json:"message,omitempty"`
	Delta   *chatText `json:"delta,omitempty"`
	Finish  *string   `json:"finish_reason"`
	Tokens  []int32   `json:"token_ids,omitempty"`
}

type chatCompletion struct {
	ID      string       `json:"id"`
	Object  string       `json:"object"`
	Created int64        `json:"created"`
	Model   string       `json:"model"`
	Choices []chatChoice `json:"choices"`
	Usage   *usage       `json:"usage,omitempty"`
}

// assistant is the role of answers.
const assistant = "assistant"

// chatStream makes the events of /v1/chat/completions.
type chatStream struct{ head chatCompletion }

func (c chatStream) event(ch chatChoice) any {
	e := c.head
	e.Choices = []chatChoice{ch}
	return e
}
func (c chatStream) opening(i int) []any {
	return []any{c.event(chatChoice{Index: i, Delta: &chatText{Role: assistant}})}
}
func (c chatStream) text(i int, added string) any {
	return c.event(chatChoice{Index: i, Delta: &chatText{Content: added}})
}
func (c chatStream) end(i int, finish string) any {
	return c.event(chatChoice{Index: i, Delta: &chatText{}, Finish: &finish})
}
func (c chatStream) usage(u usage) any {
	e := c.head
	e.Choices, e.Usage = []chatChoice{}, &u
	return e
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) error {
	f, release, err := s.read(w, r)
	if err != nil {
		return err
	}
	defer release()
	q, err := s.readChat(f)
	if err != nil {
		return err
	}
	head := chatCompletion{ID: s.serial.next("chatcmpl"), Object: "chat.completion", Created: s.start.Unix(), Model: s.model.Identity.Name}
	if q.stream {
		head.Object += ".chunk"
		return s.streamed(w, r, &q, chatStream{head})
	}
	list, err := s.answers(r.Context(), &q, nil)
	if err != nil {
		return err
	}
	u := s.count(list)
	text, finish := list[0].reply()
	answer := chatChoice{Message: &chatText{assistant, text}, Finish: &finish}
	if q.ids {
		answer.Tokens = append([]int32{}, list[0].tokens...)
	}
	head.Choices, head.Usage = []chatChoice{answer}, &u
	return writeJSON(w, http.StatusOK, head)
}
