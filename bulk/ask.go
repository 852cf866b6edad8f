package bulk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
)

// do answers a piece of the input: from what is remembered, and the rest by the model, equal questions once.
func (a *answering[Q]) do(ctx context.Context, items []*item[Q]) error {
	var questions []Q
	var users [][]*item[Q] // of each question
	asked := map[[sha256.Size]byte]int{}
	for _, it := range items {
		if it.out != nil || a.recall(it) {
			continue
		}
		j, ok := asked[it.key]
		if !ok {
			j = len(questions)
			asked[it.key] = j
			questions, users = append(questions, it.q), append(users, nil)
		}
		users[j] = append(users[j], it)
	}
	items, err := a.show(items)
	if err == nil && len(questions) > 0 {
		err = a.ask(ctx, questions, func(j int, object []byte, wrong error) error {
			if err := a.settle(users[j], object, wrong); err != nil {
				return err
			}
			users[j] = nil
			items, err = a.show(items)
			return err
		})
	}
	if a.stream.Answers != nil { // whatever ended it, what was answered is what the next one begins with
		err = errors.Join(err, a.stream.Answers.Flush())
	}
	return err
}

// recall answers an item from what is remembered.
func (a *answering[Q]) recall(it *item[Q]) bool {
	if a.stream.Answers == nil {
		return false
	}
	object, ok := a.stream.Answers.Recall(it.key)
	if ok {
		it.answer(object)
		a.counts.Recalled++
	}
	return ok
}

// settle gives the items of one question its answer, which is remembered first, or what is wrong with it.
func (a *answering[Q]) settle(users []*item[Q], object []byte, wrong error) error {
	if wrong != nil {
		for _, it := range users {
			it.refuse(wrong)
		}
		return nil
	}
	if a.stream.Answers != nil {
		if err := a.stream.Answers.Remember(users[0].key, object); err != nil {
			return fmt.Errorf("answers cannot be stored: %w", err)
		}
	}
	a.counts.Asked++
	a.counts.Recalled += len(users) - 1
	for _, it := range users {
		it.answer(object)
	}
	return nil
}
