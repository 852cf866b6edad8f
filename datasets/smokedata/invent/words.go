package invent

// group is a kind of thing with its members. No member belongs to another group's kind.
type group struct {
	name    string
	members []string
}

func groups() []group {
	return []group{
		{"果物", []string{"りんご", "みかん", "ぶどう", "バナナ", "もも", "柿"}},
		{"鳥", []string{"すずめ", "からす", "はと", "つばめ", "わし", "つる"}},
		{"魚", []string{"さけ", "まぐろ", "さば", "いわし", "ぶり", "かつお"}},
		{"乗り物", []string{"電車", "自転車", "バス", "船", "飛行機", "馬車"}},
		{"楽器", []string{"ピアノ", "ギター", "太鼓", "笛", "琴", "三味線"}},
		{"家具", []string{"机", "いす", "本棚", "ベッド", "たんす", "こたつ"}},
		{"文房具", []string{"えんぴつ", "消しゴム", "定規", "はさみ", "ノート", "万年筆"}},
		{"スポーツ", []string{"野球", "水泳", "柔道", "卓球", "相撲", "剣道"}},
	}
}

func groupQuestions() []string {
	return []string{"%sはどれですか。", "次のうち、%sはどれですか。", "%sを一つ選ぶとどれですか。", "%sに当てはまるものはどれですか。", "%sの仲間はどれですか。"}
}

// pair is a word in Japanese and English.
type pair struct{ ja, en string }

// The lexicon of the translations. An adjective for animals or people makes sense with each of these, one for things
// with each of those.
func actors() []pair {
	return []pair{{"犬", "dog"}, {"猫", "cat"}, {"馬", "horse"}, {"女の子", "girl"}, {"男の子", "boy"}, {"先生", "teacher"}, {"医者", "doctor"}, {"小鳥", "bird"}, {"きつね", "fox"}, {"うさぎ", "rabbit"}}
}

func characters() []pair {
	return []pair{{"大きい", "big"}, {"小さい", "small"}, {"若い", "young"}, {"賢い", "clever"}, {"静かな", "quiet"}, {"元気な", "lively"}}
}

func things() []pair {
	return []pair{{"ボール", "ball"}, {"箱", "box"}, {"本", "book"}, {"花", "flower"}, {"帽子", "hat"}, {"手紙", "letter"}, {"りんご", "apple"}, {"かぎ", "key"}, {"石", "stone"}, {"鈴", "bell"}}
}

func qualities() []pair {
	return []pair{{"赤い", "red"}, {"青い", "blue"}, {"白い", "white"}, {"黒い", "black"}, {"重い", "heavy"}, {"新しい", "new"}, {"古い", "old"}, {"軽い", "light"}}
}

func deeds() []pair {
	return []pair{{"見る", "sees"}, {"見つける", "finds"}, {"運ぶ", "carries"}, {"隠す", "hides"}, {"探す", "seeks"}, {"守る", "guards"}, {"欲しがる", "wants"}, {"落とす", "drops"}}
}

func times() []pair {
	return []pair{{"朝", "In the morning"}, {"夜", "At night"}, {"毎日", "Every day"}, {"日曜日", "On Sunday"}, {"夏", "In summer"}, {"冬", "In winter"}}
}

// The people, places and things of the short reports that are to be read.
func surnames() []string {
	return []string{"田中", "鈴木", "佐藤", "高橋", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田"}
}

func firstNames() []string {
	return []string{"Tom", "Anna", "Ben", "Kate", "Jack", "Mary", "Paul", "Lucy", "Sam", "Emma", "Dan", "Rose"}
}

func places() []pair {
	return []pair{{"公園", "park"}, {"駅", "station"}, {"図書館", "library"}, {"学校", "school"}, {"市場", "market"}, {"海岸", "beach"}, {"病院", "hospital"}, {"寺", "temple"}, {"空港", "airport"}, {"広場", "square"}}
}

func goods() []pair {
	return []pair{{"傘", "umbrella"}, {"地図", "map"}, {"本", "book"}, {"帽子", "hat"}, {"時計", "watch"}, {"かばん", "bag"}, {"手紙", "letter"}, {"財布", "purse"}, {"人形", "doll"}, {"写真", "photo"}}
}

// act is a verb in the forms that a report and a question need.
type act struct{ ja, jaPolite, en, enPlain string }

func acts() []act {
	return []act{{"買った", "買いました", "bought", "buy"}, {"売った", "売りました", "sold", "sell"}, {"見つけた", "見つけました", "found", "find"}, {"なくした", "なくしました", "lost", "lose"}}
}

func days() []pair {
	return []pair{{"月曜日", "Monday"}, {"火曜日", "Tuesday"}, {"水曜日", "Wednesday"}, {"木曜日", "Thursday"}, {"金曜日", "Friday"}, {"土曜日", "Saturday"}}
}

func weathers() []pair {
	return []pair{{"晴れ", "sunny"}, {"雨", "rainy"}, {"くもり", "cloudy"}, {"雪", "snowy"}}
}

// What the sums count.
func counted() []pair {
	return []pair{{"りんご", "apples"}, {"みかん", "oranges"}, {"ボール", "balls"}, {"貝がら", "shells"}, {"あめ", "sweets"}, {"積み木", "blocks"}, {"ビー玉", "marbles"}, {"どんぐり", "acorns"}}
}

// The events of the news.
func events() []string {
	return []string{"花火大会", "音楽祭", "写真展", "マラソン大会", "朝市", "料理教室", "防災訓練", "絵画展", "映画祭", "古本市"}
}

func outcomes() []string {
	return []string{"開かれた", "始まった", "中止になった", "終わった"}
}
