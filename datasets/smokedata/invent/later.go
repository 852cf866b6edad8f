package invent

import (
	"fmt"
	"slices"
	"strings"
)

// laterFamilies are the questions of the benchmarks that only the later profiles have. They come last, so that those before them are
// what they were.
func laterFamilies() []family {
	return []family{
		{dataset: "jmmlu", evaluated: "test", make: lettersJA, identify: number("row")},
		{dataset: "mmlu", evaluated: "test", training: "dev", make: lettersEN},
		{dataset: "bbh", evaluated: "test", make: thoughtEN},
		{dataset: "math500", evaluated: "test", make: boxedEN},
		{dataset: "humaneval", evaluated: "test", make: programEN, most: 4},
		{dataset: "jhumaneval", evaluated: "test", make: programJA, most: 4},
	}
}

// lettersEN is an unfinished statement about an animal with four endings, in one of two subjects.
func lettersEN(r *random) item {
	s := scienceEN(r)
	question := s.row["question"].(record)
	var choices []string
	for _, c := range question["choices"].([]record) {
		choices = append(choices, c["text"].(string))
	}
	answer := strings.Index("ABCD", s.row["answerKey"].(string))
	subject := pick(r, []string{"anatomy", "high_school_biology"})
	return item{key: subject + s.key, row: record{"question": s.key, "subject": subject, "choices": choices, "answer": answer}}
}

// lettersJA asks which of four things belongs to a group.
func lettersJA(r *random) item {
	numbers := order(r, len(groups()))[:4]
	slices.Sort(numbers)
	gold := r.below(len(numbers))
	question := fmt.Sprintf(pick(r, groupQuestions()), groups()[numbers[gold]].name)
	var choices []string
	for _, n := range numbers {
		choices = append(choices, pick(r, groups()[n].members))
	}
	subject := pick(r, []string{"world_history", "sociology", "nutrition"})
	return item{key: question + strings.Join(choices, "/"), row: record{
		"subject": subject, "row": 0, "question": question, "choices": choices, "answer": string("ABCD"[gold]),
	}}
}

// thoughtEN is a sum to be thought about.
func thoughtEN(r *random) item {
	s := sumEN(r)
	_, figure, _ := strings.Cut(s.row["answer"].(string), "#### ")
	return item{key: s.key, row: record{"subject": "object_counting", "input": s.key, "target": figure}}
}

// thoughts is the text before every question of thoughtEN, in the form of BIG-Bench Hard's files.
func thoughts() split {
	text := "invented\n-----\nCount what a person has.\n\n" + `Q: Mia has 3 pears. Mia buys 2 more. How many pears does Mia have now?
A: Let's think step by step.
Mia has 3 pears and buys 2. 3 + 2 = 5. So the answer is 5.

Q: Tom has 7 cups. Tom loses 3 of them. How many cups does Tom have now?
A: Let's think step by step.
Tom has 7 cups and loses 3. 7 - 3 = 4. So the answer is 4.

Q: Ann has 4 books. Ann finds 4 more. How many books does Ann have now?
A: Let's think step by step.
Ann has 4 books and finds 4. 4 + 4 = 8. So the answer is 8.
`
	return split{"bbh", "prompts", []item{{key: "object_counting", row: record{"subject": "object_counting", "text": text}}}}
}

// boxedEN is a sum whose solution ends in a box.
func boxedEN(r *random) item {
	s := sumEN(r)
	worked, figure, _ := strings.Cut(s.row["answer"].(string), "\n#### ")
	return item{key: s.key, row: record{"problem": s.key, "solution": worked + " The answer is $\\boxed{" + figure + "}$.", "answer": figure, "subject": "Prealgebra", "level": 1}}
}

// programEN is the head of a function that adds or multiplies, with tests; programJA describes it in Japanese.
func programEN(r *random) item { return program(r, "Return x %s %d.") }

func programJA(r *random) item { return program(r, "x %s %d を返す。") }

func program(r *random, about string) item {
	sign, word := "+", "plus"
	if r.below(2) == 1 {
		sign, word = "*", "times"
	}
	n := 2 + r.below(98)
	name := fmt.Sprintf("%s_%d", word, n)
	results := map[string]func(int) int{"+": func(x int) int { return x + n }, "*": func(x int) int { return x * n }}
	prompt := fmt.Sprintf("\ndef %s(x: int) -> int:\n    \"\"\"%s\n    >>> %s(3)\n    %d\n    \"\"\"\n", name, fmt.Sprintf(about, sign, n), name, results[sign](3))
	return item{key: prompt, row: record{
		"task_id": name, "prompt": prompt, "entry_point": name, "canonical_solution": fmt.Sprintf("    return x %s %d\n", sign, n),
		"test": fmt.Sprintf("\ndef check(candidate):\n    assert candidate(5) == %d\n    assert candidate(-1) == %d\n", results[sign](5), results[sign](-1)),
	}}
}
