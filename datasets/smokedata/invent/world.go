package invent

// town is a place that does not exist, with what is true of it. The facts are drawn once, from a seed that is part of
// the world and not of a data set, so that all data sets speak of the same places.
type town struct {
	name   pair
	size   int // rank by population, 0 the largest
	north  int // rank from the north
	age    int // rank by age, 0 the oldest
	sea    bool
	values []pair // of relations, in their order
	goods  [2]string
	hobby  string
	dish   string
}

// relation is a question that every town has one answer to.
type relation struct {
	ja, en string
	who    bool
	values []pair
}

func relations() []relation {
	return []relation{
		{"町長", "mayor", true, []pair{{"田中一郎", "Tanaka"}, {"鈴木花子", "Suzuki"}, {"佐藤健", "Sato"}, {"高橋愛", "Takahashi"}, {"伊藤誠", "Ito"}, {"渡辺幸子", "Watanabe"},
			{"山本明", "Yamamoto"}, {"中村京子", "Nakamura"}, {"小林実", "Kobayashi"}, {"加藤恵", "Kato"}, {"吉田勇", "Yoshida"}, {"山田文", "Yamada"}}},
		{"川", "river", false, []pair{{"白さぎ川", "Shirasagi"}, {"もみじ川", "Momiji"}, {"すずめ川", "Suzume"}, {"竜川", "Tatsu"}, {"朝日川", "Asahi"}, {"小石川", "Koishi"}}},
		{"山", "mountain", false, []pair{{"かぶと山", "Kabuto"}, {"三つ山", "Mitsu"}, {"天狗山", "Tengu"}, {"月見山", "Tsukimi"}, {"雲取山", "Kumotori"}, {"鏡山", "Kagami"}}},
		{"花", "flower", false, []pair{{"さくら", "cherry"}, {"ばら", "rose"}, {"ゆり", "lily"}, {"ひまわり", "sunflower"}, {"菊", "aster"}, {"つばき", "camellia"}}},
		{"鳥", "bird", false, []pair{{"つばめ", "swallow"}, {"わし", "eagle"}, {"はと", "dove"}, {"ふくろう", "owl"}, {"つる", "crane"}, {"かもめ", "gull"}}},
	}
}

func specialities() []string {
	return []string{"りんご", "みかん", "そば", "うどん", "漬物", "焼き物", "和紙", "酒"}
}

func hobbies() []string {
	return []string{"釣り", "将棋", "登山", "写真", "園芸", "書道", "読書", "料理"}
}
func dishes() []string {
	return []string{"カレー", "すし", "てんぷら", "ラーメン", "おにぎり", "うなぎ", "とうふ", "すき焼き"}
}

func townNames() []pair {
	return []pair{{"カザミ", "Kazami"}, {"ユキセ", "Yukise"}, {"ハナオ", "Hanao"}, {"コモレ", "Komore"}, {"サギリ", "Sagiri"}, {"ホシミ", "Hoshimi"},
		{"アサナ", "Asana"}, {"モリノ", "Morino"}, {"クモイ", "Kumoi"}, {"タケミ", "Takemi"}, {"スナハ", "Sunaha"}, {"ニジノ", "Nijino"}}
}

// worldSeed draws the facts.
const worldSeed = 1

func towns() []town {
	r := newRandom(worldSeed, 0)
	names := townNames()
	n := len(names)
	size, north, age := order(r, n), order(r, n), order(r, n)
	all := make([]town, n)
	for i := range all {
		t := &all[i]
		t.name, t.size, t.north, t.age, t.sea = names[i], size[i], north[i], age[i], r.below(2) == 0
		two := some(r, specialities(), 2)
		t.goods = [2]string{two[0], two[1]}
		t.hobby, t.dish = pick(r, hobbies()), pick(r, dishes())
	}
	for _, rel := range relations() {
		var values []pair // every value about equally often
		for len(values) < n {
			values = append(values, some(r, rel.values, len(rel.values))...)
		}
		for i := range all {
			all[i].values = append(all[i].values, values[i])
		}
	}
	return all
}

// order is a permutation of 0 to n-1.
func order(r *random, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	shuffle(r, list)
	return list
}
