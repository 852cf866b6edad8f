package invent

import (
	"fmt"
	"slices"
	"strconv"
)

// choiceJA asks which of five things belongs to a group. The choices stand in the order of the groups, so that who knows
// the groups can guess better than by chance before reading the choices.
func choiceJA(r *random) item {
	numbers := order(r, len(groups()))[:5]
	slices.Sort(numbers)
	var gs []group
	for _, n := range numbers {
		gs = append(gs, groups()[n])
	}
	gold := r.below(len(gs))
	question := fmt.Sprintf(pick(r, groupQuestions()), gs[gold].name)
	row := record{"q_id": 0, "question": question, "label": gold}
	key := question
	for i, g := range gs {
		choice := pick(r, g.members)
		row["choice"+strconv.Itoa(i)] = choice
		key += "/" + choice
	}
	return item{key: key, row: row}
}

// multiJA compares two towns, or asks about a town's mayor.
func multiJA(r *random) item {
	all := towns()
	two := some(r, all, 2)
	a, b := two[0], two[1]
	var question, answer string
	switch r.below(5) {
	case 0, 1:
		c := pick(r, comparisons())
		question = fmt.Sprintf(pick(r, comparisonQuestions()), a.name.ja, b.name.ja, c.claim)
		answer = a.name.ja + "町"
		if c.rank(b) < c.rank(a) {
			answer = b.name.ja + "町"
		}
	case 2:
		question = fmt.Sprintf(pick(r, seaQuestions()), a.name.ja, b.name.ja)
		answer = "いいえ"
		if a.sea && b.sea {
			answer = "はい"
		}
	case 3:
		question, answer = fmt.Sprintf(pick(r, mayorQuestions()), a.name.ja, "趣味"), a.hobby
	default:
		question, answer = fmt.Sprintf(pick(r, mayorQuestions()), a.name.ja, "好物"), a.dish
	}
	return item{key: question, row: record{"qid": "", "question": question, "answer": answer}}
}

// comparison ranks towns; the lower rank is the answer.
type comparison struct {
	claim string
	rank  func(town) int
}

func comparisons() []comparison {
	return []comparison{
		{"人口が多い", func(t town) int { return t.size }},
		{"北にある", func(t town) int { return t.north }},
		{"歴史が古い", func(t town) int { return t.age }},
	}
}

func comparisonQuestions() []string {
	return []string{"%s町と%s町では、どちらのほうが%[3]sですか。", "%[3]sのは%[1]s町と%[2]s町のどちらですか。", "%s町と%s町のうち、%[3]s町はどちらですか。"}
}

func seaQuestions() []string {
	return []string{"%s町と%s町は、どちらも海に面していますか。", "%s町も%s町も、海の近くにありますか。"}
}

func mayorQuestions() []string {
	return []string{"%s町の町長の%sは何ですか。", "%s町で町長をしている人の%sは何ですか。", "%s町を治める人の%sを答えてください。"}
}

// factJA asks for what is known of one town.
func factJA(r *random) item {
	t := pick(r, towns())
	rels := relations()
	i := r.below(len(rels) + 2)
	if i >= len(rels) {
		question := fmt.Sprintf(pick(r, factQuestions()), t.name.ja, "名産品")
		return item{key: question, row: record{"id": "", "text": question, "answers": []string{t.goods[0], t.goods[1]}}}
	}
	ask := factQuestions()
	if rels[i].who {
		ask = whoQuestions()
	}
	question := fmt.Sprintf(pick(r, ask), t.name.ja, rels[i].ja)
	return item{key: question, row: record{"id": "", "text": question, "answers": []string{t.values[i].ja}}}
}

func factQuestions() []string {
	return []string{"%s町の%sは何ですか。", "%s町の%sの名前は何ですか。", "%s町の%sを答えてください。", "%s町で有名な%sを教えてください。", "%s町を代表する%sといえば何ですか。"}
}

func whoQuestions() []string {
	return []string{"%s町の%sはだれですか。", "%s町の%sの名前は何ですか。", "%s町の%sを答えてください。", "%s町で今の%sを教えてください。", "%s町を治める%sといえばだれですか。"}
}

// report says who did what where and when. Every question that it answers has one answer of its kind in it.
type report struct {
	who, what, where, when, sky pair
	did                         act
	price                       int
}

func newReport(r *random, people []string) report {
	name := pick(r, people)
	return report{pair{name, name}, pick(r, goods()), pick(r, places()), pick(r, days()), pick(r, weathers()), pick(r, acts()), r.between(2, 9)}
}

func (p report) japanese() string {
	return fmt.Sprintf("%s、%sさんは%sで%sを%s。天気は%sで、値段は%d円だった。", p.when.ja, p.who.ja, p.where.ja, p.what.ja, p.did.ja, p.sky.ja, p.price)
}

// readJA asks for something that a report says.
func readJA(r *random) item {
	p := newReport(r, surnames())
	var question, answer string
	switch r.below(6) {
	case 0:
		question, answer = fmt.Sprintf("%sを%sのはだれですか。", p.what.ja, p.did.ja), p.who.ja+"さん"
	case 1:
		question, answer = fmt.Sprintf("%sさんは何を%sか。", p.who.ja, p.did.jaPolite), p.what.ja
	case 2:
		question, answer = fmt.Sprintf("%sさんはどこで%sを%sか。", p.who.ja, p.what.ja, p.did.jaPolite), p.where.ja
	case 3:
		question, answer = fmt.Sprintf("%sさんが%sを%sのはいつですか。", p.who.ja, p.what.ja, p.did.ja), p.when.ja
	case 4:
		question, answer = "その日の天気は何でしたか。", p.sky.ja
	default:
		question, answer = fmt.Sprintf("%sはいくらでしたか。", p.what.ja), fmt.Sprintf("%d円", p.price)
	}
	return item{key: p.japanese() + question, row: squadRow("", "小さな町の出来事", p.japanese(), question, []string{answer})}
}

// newsJA is an article whose summary leaves the date and the details out.
func newsJA(r *random) item {
	town, event, end := pick(r, townNames()).ja, pick(r, events()), pick(r, outcomes())
	lead := fmt.Sprintf("%s町で%sが%s。", town, event, end)
	rest := []string{
		fmt.Sprintf("%sには%d人が集まった。", pick(r, []string{"会場", "広場", "公園"}), 10*r.between(2, 9)),
		fmt.Sprintf("町長は「%s」と話した。", pick(r, []string{"来年も続けたい", "皆に感謝する", "残念だ", "楽しかった"})),
		fmt.Sprintf("天気は%sだった。", pick(r, []string{"晴れ", "雨", "くもり"})),
	}
	shuffle(r, rest)
	text := fmt.Sprintf("%d月%d日、%s%s%s", r.between(1, 9), r.between(1, 9), lead, rest[0], rest[1])
	return item{key: town + event + end, row: record{"text": text, "summary": lead}}
}

// sumJA is a sum of one step with its solution.
func sumJA(r *random) item {
	name, thing := pick(r, surnames())+"さん", pick(r, counted()).ja
	a, b := r.between(2, 9), r.between(1, 9)
	var story, worked, ask string
	result := a + b
	if r.below(2) == 0 {
		story, ask = fmt.Sprintf("%d個%s", b, pick(r, []string{"もらいました", "買いました", "拾いました"})), "全部で何個ですか。"
		worked = fmt.Sprintf("%d+%d=%d。答えは%d。", a, b, result, result)
	} else {
		if b >= a {
			b = r.between(1, a-1)
		}
		result = a - b
		story, ask = fmt.Sprintf("%d個%s", b, pick(r, []string{"あげました", "なくしました", "売りました"})), "残りは何個ですか。"
		worked = fmt.Sprintf("%d-%d=%d。答えは%d。", a, b, result, result)
	}
	question := fmt.Sprintf("%sは%sを%d個持っています。%s。%s", name, thing, a, story, ask)
	return item{key: question, worked: worked, row: record{"question": question, "answer": worked, "answer_number": result, "equation_solution": nil}}
}

// sentence is one meaning in both languages.
func sentence(r *random) pair {
	who, what, verb := pick(r, actors()), pick(r, things()), pick(r, deeds())
	kind, quality, when := pick(r, characters()), pick(r, qualities()), pick(r, times())
	return pair{
		fmt.Sprintf("%s、%s%sは%s%sを%s。", when.ja, kind.ja, who.ja, quality.ja, what.ja, verb.ja),
		fmt.Sprintf("%s, the %s %s %s the %s %s.", when.en, kind.en, who.en, verb.en, quality.en, what.en),
	}
}

func intoJA(r *random) item {
	s := sentence(r)
	return item{key: s.en, row: record{"src": s.en, "ref": s.ja}}
}

func intoEN(r *random) item {
	s := sentence(r)
	return item{key: s.ja, row: record{"src": s.ja, "ref": s.en}}
}
