package nagisa

// Example is a text and the words nagisa cuts it into.
type Example struct {
	Text  string
	Words []string
}

// Examples returns the segmentations that nagisa's authors publish for its default model: test/nagisa_test.py and
// README.md of taishi-i/nagisa at 7b760c57493f1f09c96d5642e238dae9875dbdaa (0.2.10; MIT licence).
func Examples() []Example {
	return []Example{
		{"Pythonで簡単に使えるツールです", []string{"Python", "で", "簡単", "に", "使える", "ツール", "です"}},
		{"ニューラルネットワークを使ってます。", []string{"ニューラル", "ネットワーク", "を", "使っ", "て", "ます", "。"}},
		{"(人•ᴗ•♡)こんばんは♪", []string{"(人•ᴗ•♡)", "こんばんは", "♪"}},
		{"こんばんは😀", []string{"こんばんは", "😀"}},
		{"ｺﾝﾊﾞﾝﾊ１２３４５", []string{"コンバンハ", "1", "2", "3", "4", "5"}},
		{"𪗱𪘂𪘚𪚲", []string{"𪗱", "𪘂", "𪘚", "𪚲"}},
		{"エラーを避けるため、İはIに変換される", []string{"エラー", "を", "避ける", "ため", "、", "I", "は", "I", "に", "変換", "さ", "れる"}},
		// README.md only, "default" of its user dictionary section.
		{"3月に見た「3月のライオン」", []string{"3", "月", "に", "見", "た", "「", "3", "月", "の", "ライオン", "」"}},
	}
}
