package notes

import (
	"fmt"
	"strconv"
	"strings"
)

// Sentence is a note's text in the languages of reports, with {0}, {1} for its arguments.
type Sentence struct{ English, Japanese string }

// Sentences are all that is ever said of a number, by key. Tables, exports and comparisons have them in English.
func Sentences() map[string]Sentence {
	return map[string]Sentence{
		"interrupted": {
			"interrupted: the tasks below the last number were not evaluated",
			"中断されました。最後の数値より下のタスクは評価されていません。",
		},
		"invented": {
			"the questions were invented to try the program: the numbers measure nothing and compare with no published ones",
			"プログラムの動作確認用に作られた架空の設問であり、数値は何も測っておらず、公表値とは比較できません。",
		},
		"invented_but": {
			"all questions but those of {0} were invented to try the program: the other numbers measure nothing and compare with no published ones",
			"{0}以外の設問はプログラムの動作確認用に作られた架空のものであり、それらの数値は何も測っておらず、公表値とは比較できません。",
		},
		"chat": {
			"asked in the model's chat template ({0}, {1}): not the setting of any published table",
			"モデルのチャットテンプレート（{0}、{1}）で問い合わせた値であり、公表値のどの設定とも異なります。",
		},
		"limit": {
			"--limit {0}: first documents only, not comparable with published numbers",
			"--limit {0}: 先頭の文書のみの評価であり、公表値とは比較できません。",
		},
		"samples": {
			"--samples: chosen documents only, not comparable with published numbers",
			"--samples: 選択した文書のみの評価であり、公表値とは比較できません。",
		},
		"shots": {
			"--num-fewshot {0}: not the profile's number of examples",
			"--num-fewshot {0}: プロファイルの例示数とは異なります。",
		},
		"quantised": {
			"weights rounded to {0}: not the published model",
			"重みが{0}に丸められており、公表されたモデルそのものではありません。",
		},
		"adapter": {
			"LoRA adapter {0} merged into the weights: not the published model",
			"LoRAアダプタ {0} が重みに結合されており、公表されたモデルそのものではありません。",
		},
		"lossy": {
			"computed with --dtype q8: weights and inputs rounded to 8 bits, not the published model",
			"--dtype q8 による計算: 重みと入力を8ビットに丸めており、公表されたモデルそのものではありません。",
		},
		"vocabulary": {
			"{0} of {1} rows of the model have no token, the tokenizer has {2}: it is likely that of another model, and every number wrong",
			"モデルの{1}行のうち{0}行に対応するトークンがなく、トークナイザのトークンは{2}個です。別のモデルのトークナイザである可能性が高く、その場合すべての数値が誤りです。",
		},
		"ignored": {
			"--ignore-config {0}: not known to the engine, taken to change nothing on the user's word",
			"--ignore-config {0}: エンジンの知らない設定キーです。計算に影響しないという利用者の判断により無視しています。",
		},
		"served-tokenizer": {
			"tokens of a server's own tokenizer, known by its answers alone: another one that answers the probes alike would not be noticed",
			"サーバ自身のトークナイザによるトークンです。応答からしか識別できず、プローブに同じ応答を返す別のトークナイザは検出できません。",
		},
		"server": {
			"answers of a server: weights not verified (asked as {0})",
			"サーバーの応答です。重みは検証されていません（{0} として問い合わせました）。",
		},
		"generation": {
			"{0}",
			"生成設定: {0}",
		},
		"hole": {
			"{0}: no number: {1}",
			"{0}: 数値なし: {1}",
		},
		"unmeasured": {
			"{0}: no {1}: {2}",
			"{0}: {1} の数値なし: {2}",
		},
		"segmenter": {
			"{0}: counted in words of {1}, the published column in those of {2}: another number",
			"{0}: {1} の単語で数えた値です。公表値の列は {2} の単語で数えており、別の数値です。",
		},
		"pieces": {
			"{0}: counted in the pieces of the model's own tokenizer: the number compares with those of the same tokenizer alone",
			"{0}: モデル自身のトークナイザの断片で数えた値であり、同じトークナイザによる数値としか比較できません。",
		},
		"fault": {
			"{0}: {1} of {2} documents on which the reference itself fails ({3})",
			"{0}: 参照実装自体が失敗する文書が{2}件中{1}件あります（{3}）。",
		},
		"drawn": {
			"{0}: {1} answers a document are drawn at random (temperature {2}, top-p {3}): the same model in the same arithmetic draws the same again, but the published numbers are reproduced in distribution only; two runs of the reference differ by .004 to .01 (one standard error)",
			"{0}: 文書ごとに{1}個の回答を無作為に抽出しています（温度{2}、top-p {3}）。同じモデルを同じ演算で使えば同じ回答が得られますが、公表値は分布としてのみ再現されます。参照実装の2回の実行どうしも.004〜.01（標準誤差1つ分）異なります。",
		},
		"drawn_own": {
			"{0}: {1} answers a document are drawn at random (temperature {2}, top-p {3}), with seeds that depend on the task's name, the document and the answer's number: the same model in the same arithmetic draws the same again",
			"{0}: 文書ごとに{1}個の回答を無作為に抽出しています（温度{2}、top-p {3}）。シードは課題名、文書、回答の番号で決まるため、同じモデルを同じ演算で使えば同じ回答が得られます。",
		},
		"judged": {
			"{0}: verdicts by {1}: the time of {2} of {3} programs was up",
			"{0}: 判定は{1}によります。{3}個のプログラムのうち{2}個は時間切れでした。",
		},
		"undecided": {
			"{0}: a lower bound: of {1} of {2} documents the answer differs from the gold one as text, and no value that is computed here decides whether it is the same",
			"{0}: 下限値です。{2}件中{1}件の文書では、解答が正解と文字列として異なり、ここで計算する値では同じかどうかが決まりません。",
		},
		"rounded": {
			"{0}: log-likelihoods are rounded to {1}, as the reference has them of a model that is stored in it: of {2} of {3} documents several choices are equally likely, and the first of them counts",
			"{0}: 対数尤度は{1}に丸めた値です。{1}で保存されたモデルでは参照実装の値もそうなります。{3}件中{2}件の文書では複数の選択肢の尤度が等しく、その最初のものを採ります。",
		},
		"fewer_shots_drawn": {
			"{0}: {1} of {2} documents have fewer than {3} examples: they are among what was drawn for them, as in the reference",
			"{0}: {2}件中{1}件の文書では例が{3}個より少なくなっています。抽出された例にその文書自身が含まれていたためで、参照実装も同じです。",
		},
		"fewer_shots": {
			"{0}: {1} of {2} documents have fewer than {3} examples: no more fit the model's window of {4}, as in the reference",
			"{0}: {2}件中{1}件の文書では例が{3}個より少なくなっています。モデルの文脈長{4}にそれ以上収まらないためで、参照実装も同じです。",
		},
		"dropped": {
			"{0}: {1} of {2} prompts exceed the model's window of {3}: {4} tokens dropped from their left, as the reference does",
			"{0}: {2}件中{1}件のプロンプトがモデルの文脈長{3}を超え、参照実装と同じく左側から計{4}トークンを切り捨てました。",
		},
		"lost": {
			"{0}: in {1} of {2} documents the reference's wrapper discards the first generated tokens after an over-long prompt",
			"{0}: {2}件中{1}件で、参照実装のラッパーは長すぎるプロンプトの後に生成された先頭のトークンを破棄します。",
		},
		"past_window": {
			"{0}: {1} of {2} prompts run past the model's window of {3} positions: the reference does not truncate them",
			"{0}: {2}件中{1}件のプロンプトがモデルの文脈長{3}を超えますが、参照実装は切り詰めません。",
		},
		"unpinned": {
			"{0}: data file {1} is not the pinned original (--allow-unpinned-data)",
			"{0}: データファイル {1} は固定された原本ではありません（--allow-unpinned-data）。",
		},
		"unpinned_rows": {
			"{0}: data file {1} is not the pinned original (--allow-unpinned-data): {2} records in place of {3}",
			"{0}: データファイル {1} は固定された原本ではありません（--allow-unpinned-data）。本来{3}件のところ{2}件の記録です。",
		},
		"pinless": {
			"{0}: data file {1} has no pin: another version of it would go unnoticed (task pin)",
			"{0}: データファイル {1} は固定されておらず、内容が変わっても気づけません（task pin）。",
		},
		"stand_in": {
			"{0}: {1} stands in for the original file",
			"{0}: {1} は原本の代用です。",
		},
		"stand_in_rows": {
			"{0}: {1} stands in for the original file: {2} records in place of {3}",
			"{0}: {1} は原本の代用です。本来{3}件のところ{2}件の記録です。",
		},
	}
}

// sentence is a note in English, as its key and arguments make it. What an argument says is not looked at again.
func sentence(key string, args []string) string {
	var pairs []string
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(Sentences()[key].English)
}

// texts are arguments as they stand in sentences.
func texts(args []any) []string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = fmt.Sprint(a)
	}
	return list
}
