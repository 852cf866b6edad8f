package invent

import (
	"fmt"
	"slices"
	"strings"
)

// science is what a person knows of an animal.
type science struct{ animal, kind, cover, moves, young string }

func nature() []science {
	return []science{
		{"dog", "mammal", "fur", "running", "puppies"}, {"cat", "mammal", "fur", "running", "kittens"}, {"horse", "mammal", "hair", "running", "foals"},
		{"bear", "mammal", "fur", "walking", "cubs"}, {"rabbit", "mammal", "fur", "hopping", "kits"}, {"cow", "mammal", "hair", "walking", "calves"},
		{"eagle", "bird", "feathers", "flying", "eaglets"}, {"duck", "bird", "feathers", "flying", "ducklings"}, {"hen", "bird", "feathers", "walking", "chicks"},
		{"salmon", "fish", "scales", "swimming", "fry"}, {"shark", "fish", "scales", "swimming", "pups"}, {"snake", "reptile", "scales", "crawling", "hatchlings"},
		{"frog", "amphibian", "smooth skin", "hopping", "tadpoles"}, {"bee", "insect", "fine hairs", "flying", "larvae"}, {"ant", "insect", "a hard shell", "crawling", "larvae"},
	}
}

// property is a column of nature with the stems that ask for it.
type property struct {
	of    func(science) string
	stems []string
}

func properties() []property {
	return []property{
		{func(s science) string { return s.kind }, []string{"A %s is a kind of", "Scientists call the %s a type of", "In biology a %s counts as a kind of"}},
		{func(s science) string { return s.cover }, []string{"The body of a %s is covered with", "On the outside a %s has", "To protect its body a %s has"}},
		{func(s science) string { return s.moves }, []string{"A %s gets around by", "To reach its food a %s starts", "A %s escapes from danger by"}},
		{func(s science) string { return s.young }, []string{"The young of a %s are called", "A %s takes care of its", "A grown %s was once one of the"}},
	}
}

// scienceEN is an unfinished statement about an animal with four endings of one kind.
func scienceEN(r *random) item {
	s, p := pick(r, nature()), pick(r, properties())
	stem := fmt.Sprintf(pick(r, p.stems), s.animal)
	choices := []string{p.of(s)}
	for _, other := range some(r, nature(), len(nature())) {
		if v := p.of(other); len(choices) < 4 && !slices.Contains(choices, v) {
			choices = append(choices, v)
		}
	}
	gold := choices[0]
	shuffle(r, choices)
	var list []record
	for i, c := range choices {
		list = append(list, record{"text": c, "label": string("ABCD"[i])})
	}
	key := string("ABCD"[slices.Index(choices, gold)])
	return item{key: stem, row: record{"id": "", "question": record{"stem": stem, "choices": list}, "answerKey": key}}
}

// factEN asks for what is known of one town.
func factEN(r *random) item {
	t, rels := pick(r, towns()), relations()
	i := r.below(len(rels))
	question := fmt.Sprintf(pick(r, triviaQuestions()), rels[i].en, t.name.en)
	value := t.values[i].en
	return item{key: question, row: record{"question": question, "question_id": "", "question_source": "", "answer": record{
		"value": value, "aliases": []string{value}, "normalized_aliases": []string{strings.ToLower(value)}, "normalized_value": strings.ToLower(value), "type": "Invented",
	}}}
}

func triviaQuestions() []string {
	return []string{"What is the %s of %s called?", "Which %s does the town of %[2]s have?", "Which %s belongs to %[2]s?", "What is the name of the %s of %s?", "Name the %s of %s."}
}

// activity is a scene with ways to begin and ways to go on.
type activity struct {
	label  string
	begins []string
	goes   []string
}

func activities() []activity {
	return []activity{
		{"Baking bread", []string{"mixes flour and water in a bowl.", "puts a bag of flour on the table."}, []string{"kneads the dough and heats the oven.", "lets the dough rise and bakes it.", "shapes the dough into a round loaf."}},
		{"Washing a car", []string{"parks the car beside a bucket.", "sprays water over the dirty car."}, []string{"wipes the windows with a wet sponge.", "rinses the soap off the doors.", "polishes the hood with a dry cloth."}},
		{"Playing tennis", []string{"picks up a racket and a ball.", "walks onto the court with a racket."}, []string{"serves the ball over the net.", "hits the ball back to the line.", "runs to the net and scores."}},
		{"Painting a picture", []string{"sets an empty canvas on a stand.", "opens some tubes of bright colour."}, []string{"dips a brush into the blue paint.", "draws the sky with a wide brush.", "signs the canvas in one corner."}},
		{"Fishing", []string{"sits in a small boat with a rod.", "ties a hook to a thin line."}, []string{"throws the line into the lake.", "pulls a trout out of the water.", "waits until a fish takes the bait."}},
		{"Cutting hair", []string{"puts a cape around a customer.", "takes out a comb and scissors."}, []string{"trims the hair above the ears.", "combs the hair and dries it.", "shows the haircut in a mirror."}},
		{"Planting a tree", []string{"digs a deep hole in the garden.", "carries a young tree and a spade."}, []string{"sets the roots into the soil.", "fills the hole and waters it.", "presses the earth around the trunk."}},
		{"Making tea", []string{"fills a kettle at the tap.", "takes a cup and some leaves."}, []string{"pours the boiling water into a pot.", "adds some sugar and stirs it.", "drinks a sip from the hot cup."}},
	}
}

func persons() []string { return []string{"woman", "man", "girl", "boy"} }

// sceneEN is a scene with four endings, one of its own activity.
func sceneEN(r *random) item {
	four := some(r, activities(), 4)
	own, who := four[0], pick(r, persons())
	gold := r.below(4)
	begin := pick(r, own.begins)
	right := pick(r, own.goes)
	endings := make([]string, 4)
	others := four[1:]
	for i := range endings {
		if i == gold {
			endings[i] = right
			continue
		}
		endings[i] = pick(r, others[0].goes)
		others = others[1:]
	}
	a, b := fmt.Sprintf("A %s %s", who, begin), fmt.Sprintf("the %s", who)
	return item{key: who + begin + right, row: record{
		"ind": 0, "activity_label": own.label, "ctx_a": a, "ctx_b": b, "ctx": a + " " + b, "endings": endings, "label": fmt.Sprint(gold), "source_id": "", "split": "", "split_type": "",
	}}
}

func (p report) english() string {
	return fmt.Sprintf("On %s, %s %s the %s at the %s. The weather was %s and the price was %d dollars.", p.when.en, p.who.en, p.did.en, p.what.en, p.where.en, p.sky.en, p.price)
}

// readEN asks for something that a report says, or, once in five, for something that it does not say.
func readEN(r *random) item {
	p := newReport(r, firstNames())
	var question string
	var answers []string
	switch r.below(10) {
	case 0, 1:
		question = fmt.Sprintf(pick(r, []string{"Why did %s %s the %s?", "With whom did %s %s the %s?", "How often did %s %s the %s?"}), p.who.en, p.did.enPlain, p.what.en)
	case 2, 3:
		question, answers = fmt.Sprintf("Who %s the %s?", p.did.en, p.what.en), []string{p.who.en}
	case 4, 5:
		question, answers = fmt.Sprintf("What did %s %s?", p.who.en, p.did.enPlain), []string{"the " + p.what.en}
	case 6, 7:
		question, answers = fmt.Sprintf("Where did %s %s the %s?", p.who.en, p.did.enPlain, p.what.en), []string{"the " + p.where.en}
	case 8:
		question, answers = fmt.Sprintf("When did %s %s the %s?", p.who.en, p.did.enPlain, p.what.en), []string{p.when.en}
	default:
		question, answers = "How was the weather?", []string{p.sky.en}
	}
	return item{key: p.english() + question, row: squadRow("", pick(r, townNames()).en, p.english(), question, answers)}
}

// squadRow is a row of SQuAD; no answers mean that there is none.
func squadRow(id, title, context, question string, answers []string) record {
	starts := []int{}
	for _, a := range answers {
		before, _, _ := strings.Cut(context, a)
		starts = append(starts, len([]rune(before)))
	}
	if answers == nil {
		answers = []string{}
	}
	return record{"id": id, "title": title, "context": context, "question": question, "answers": record{"text": answers, "answer_start": starts}}
}

// schema is a pair of sentences in which another ending makes the blank stand for the other of two: who knows the two
// knows which it is. first is said of the first, second of the second.
type schema struct {
	first, second string
	verbs         []string
	because       [2]string
}

func schemas() []schema {
	return []schema{
		{"knife", "bread", []string{"cut", "sliced"}, [2]string{"was sharp.", "was soft."}},
		{"fox", "hen", []string{"chased", "caught"}, [2]string{"was hungry.", "was slow."}},
		{"doctor", "patient", []string{"helped", "visited"}, [2]string{"was trained.", "was sick."}},
		{"sun", "snow", []string{"melted", "warmed"}, [2]string{"was hot.", "was frozen."}},
		{"teacher", "pupil", []string{"praised", "thanked"}, [2]string{"was kind.", "was diligent."}},
		{"policeman", "thief", []string{"followed", "arrested"}, [2]string{"was brave.", "was guilty."}},
		{"mother", "baby", []string{"carried", "fed"}, [2]string{"was caring.", "was tired."}},
		{"rope", "boat", []string{"held", "pulled"}, [2]string{"was strong.", "was light."}},
		{"stone", "window", []string{"broke", "hit"}, [2]string{"was hard.", "was thin."}},
		{"river", "meadow", []string{"flooded", "soaked"}, [2]string{"was high.", "was low."}},
		{"cat", "mouse", []string{"watched", "hunted"}, [2]string{"was patient.", "was careless."}},
		{"lawyer", "client", []string{"advised", "defended"}, [2]string{"was experienced.", "was accused."}},
	}
}

func occasions() []string {
	return []string{"The", "Yesterday the", "Last week the", "In the end the", "Once more the", "At noon the"}
}

// twinsEN are the two sentences of a schema.
func twinsEN(r *random) [2]item {
	s := pick(r, schemas())
	two := [2]string{s.first, s.second}
	text := fmt.Sprintf("%s %s %s the %s because the _", pick(r, occasions()), two[0], pick(r, s.verbs), two[1])
	options := []string{two[0], two[1]}
	if r.below(2) == 0 {
		options = []string{two[1], two[0]}
	}
	var twins [2]item
	for i, end := range s.because {
		answer := "1"
		if options[0] != two[i] {
			answer = "2"
		}
		sentence := text + " " + end
		twins[i] = item{key: sentence, row: record{"sentence": sentence, "option1": options[0], "option2": options[1], "answer": answer}}
	}
	return twins
}

// sumEN is a sum of one step with its solution, in the notation of GSM8K.
func sumEN(r *random) item {
	name, thing := pick(r, firstNames()), pick(r, counted()).en
	a, b := r.between(2, 9), r.between(1, 9)
	sign, result := "+", a+b
	var story string
	if r.below(2) == 0 {
		story = fmt.Sprintf(pick(r, []string{"%s buys %d more.", "%s finds %d more.", "%s gets %d more."}), name, b)
	} else {
		if b >= a {
			b = r.between(1, a-1)
		}
		sign, result = "-", a-b
		story = fmt.Sprintf(pick(r, []string{"%s sells %d of them.", "%s loses %d of them.", "%s gives %d of them away."}), name, b)
	}
	question := fmt.Sprintf("%s has %d %s. %s How many %s does %s have now?", name, a, thing, story, thing, name)
	worked := fmt.Sprintf("%s has %d%s%d=<<%d%s%d=%d>>%d %s.\n#### %d", name, a, sign, b, a, sign, b, result, result, thing, result)
	return item{key: question, row: record{"question": question, "answer": worked}}
}
