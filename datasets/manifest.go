package datasets

// The places the originals are published at, with the commit where the place is a repository. The commit is one whose
// files have the pinned contents, which matters where later releases replaced them (JEMHopQA 1.1, JGLUE 1.2 and 1.3).
const (
	jglueV110 = "https://raw.githubusercontent.com/yahoojapan/JGLUE/6791a5003e6deaa6fb2458bcb3aa1f58dc52ef33/datasets/"
	jemhopqa  = "https://raw.githubusercontent.com/aiishii/JEMHopQA/fed5024f4f39f02727e699cb7ccb67935a779a5a/corpus/"
	niilcQA   = "https://raw.githubusercontent.com/mynlp/niilc-qa/b6d47968b2e301a5e953fb1922a08ed56099646b/data/"
	urlNLP    = "https://raw.githubusercontent.com/google-research/url-nlp/452a21ad3dae5668c06ceeac21ff073e1e40f9be/mgsm/"
	gradeMath = "https://raw.githubusercontent.com/openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data/"
	rowanz    = "https://raw.githubusercontent.com/rowanz/hellaswag/a29ff8e9a04bba4bd6588223785ce105328adc57/data/"
	rajpurkar = "https://rajpurkar.github.io/SQuAD-explorer/dataset/"
	wmt20Tar  = "http://data.statmt.org/wmt20/translation-task/test.tgz"
	openBook  = "https://s3-us-west-2.amazonaws.com/ai2-website/data/OpenBookQA-V1-Sep2018.zip"
	triviaTar = "http://nlp.cs.washington.edu/triviaqa/data/triviaqa-rc.tar.gz"
	xlsumJa   = "https://huggingface.co/datasets/mkshing/xlsum_ja/resolve/main/data/"
	xwinograd = "https://huggingface.co/datasets/Muennighoff/xwinograd/resolve/main/test/en.jsonl"
)

// Why contents that no publisher's digest vouches for are pinned as rebuilt.
const (
	proofWMT20     = "newstest2020 as sacreBLEU 1.5.0 converts it, from another copy; the sources give the harness's recorded request hash, the references its recorded chrF"
	proofHellaSwag = "from public text copies; all 40,168 requests give the harness's recorded hash; fields the task does not read are null"
	proofSQuAD2    = "from the SQuAD explorer's pages; text and order give the harness's recorded request hash; answer_start is empty"
	proofMGSM      = "the published exemplars written as JSON; every 4-shot prompt equals those stored in four published runs"
	standInJSQuAD  = "the four examples that llm-jp-eval 1.1.1 carries, in place of the whole training file"
)

const mebi = 1 << 20

// manifest is the table of every benchmark file. A pin without size or with a git blob alone is of a file that was not
// at hand when the table was made; a file without pins has no known digest and counts as unpinned.
//
// Sizes and digests are of the uncompressed content. Row counts are the reference's; the random draws depend on them.
//
// A data set's own original stands before copies of it that nothing vouches for.
func manifest() []Split {
	xlsum, mgsm, openBookTables, trivia := xlsumTables(), mgsmTables(), openBookQATables(), triviaTables()
	hellaSwag, squad, xwino, gsm8k := hellaSwagTables(), squadTables(), xwinoTables(), gsm8kTables()
	return append([]Split{
		{"jcommonsenseqa", "validation", ccBySA4, "yahoojapan/JGLUE v1.1.0", []Layout{
			one(JSONL, 1119, File{Path: "jglue/jcommonsenseqa-v1.1/valid-v1.1.json", URL: jglueV110 + "jcommonsenseqa-v1.1/valid-v1.1.json", Pins: []Pin{
				official("0d8d76f3bfa0d174866939882faccdd01fbc2bcd5a76c43748ba0c40a7b3b8d4", "1099679e5bc9a4d70f9ae6a6e7b41dca84897f99", 235633)}}),
		}},
		{"jcommonsenseqa", "train", ccBySA4, "yahoojapan/JGLUE v1.1.0", []Layout{
			one(JSONL, 8939, File{Path: "jglue/jcommonsenseqa-v1.1/train-v1.1.json", URL: jglueV110 + "jcommonsenseqa-v1.1/train-v1.1.json", Pins: []Pin{
				official("9b55fae5ecb3aedd6f8ce5bc09196c3b629864668ec6c18eee4d65c0aa48229e", "4d11d31788cb22850b0a88d41a1ffdd13e8a180b", 1879961)}}),
		}},
		{"jemhopqa", "dev", ccBySA4, "aiishii/JEMHopQA 1.0", []Layout{
			one(JSONArray, 120, File{Path: "jemhopqa/dev.json", URL: jemhopqa + "dev.json", Pins: []Pin{
				official("2f3b8a518ca3051fc002f343ba3c26f6f3be902464061b43c30c5a1d37a9269a", "684e1b6f24373764711c6b484651f9113f952a4f", 47990)}}),
		}},
		{"jemhopqa", "train", ccBySA4, "aiishii/JEMHopQA 1.0", []Layout{
			one(JSONArray, 1059, File{Path: "jemhopqa/train.json", URL: jemhopqa + "train.json", Pins: []Pin{
				official("c64392b4087299bcfaa02fe2584128b5dc50fe5ea83e1bd600cadfc984669e65", "51a08b31e38dd5b55e4a93be09bc0b921296fc9c", 433076)}}),
		}},
		{"niilc", "test", ccBySA4, "mynlp/niilc-qa", []Layout{
			one(NIILC, 200, File{Path: "niilc-qa/NIILC-ECQA2015_test.xml", URL: niilcQA + "NIILC-ECQA2015_test.xml", Pins: []Pin{
				official("4a787463961db87e56e496c49cb40ca59f26d220e3ccc48588ad65b0dd4ce0d2", "bdc57d6cf73f00f2379d22b4586c945fc2c003bf", 219195)}}),
		}},
		{"niilc", "dev", ccBySA4, "mynlp/niilc-qa", []Layout{
			one(NIILC, 800, File{Path: "niilc-qa/NIILC-ECQA2015_dev.xml", URL: niilcQA + "NIILC-ECQA2015_dev.xml", Pins: []Pin{
				official("983dcaeb9ef38ca45d1114e8b420fdd4b358e827c235b1bfb4fc5e50ca70caf3", "b6c2eb143147b3a10add08a07de78bb6d7b9e81a", 874651)}}),
		}},
		{"jsquad", "validation", ccBySA4, "yahoojapan/JGLUE v1.1.0", []Layout{
			one(SQuAD, 4442, File{Path: "jglue/jsquad-v1.1/valid-v1.1.json", URL: jglueV110 + "jsquad-v1.1/valid-v1.1.json", Pins: []Pin{
				official("fb0a57a35281ff03bbe7f0e878cff5b577985fbe6fcb242e7e8ddb63d1c0ab11", "bcde414e0b7131607bb1fa2c4542dd888f68771a", 1976638)}}),
		}},
		{"jsquad", "train", ccBySA4, "yahoojapan/JGLUE v1.1.0", []Layout{
			one(SQuAD, 62859, File{Path: "jglue/jsquad-v1.1/train-v1.1.json", URL: jglueV110 + "jsquad-v1.1/train-v1.1.json", MaxSize: 256 * mebi, Pins: []Pin{
				official("", "20ce716ee531e3e23088f5840a3b0751ae803424", 0)}}),
			one(JSQuADExemplars, 4, File{Path: "jglue/jsquad_exemplars.json", URL: jglueV110 + "jsquad-v1.1/train-v1.1.json", Pins: []Pin{
				{SHA256: "965d708e205373e936ea8ca341807d5d1f81d03d1e54d316d7629819046f8b76", Size: 3595, State: StandIn, Note: standInJSQuAD}}}),
		}},
		{"xlsum_ja", "test", "CC BY-NC-SA 4.0", "mkshing/xlsum_ja", []Layout{
			one(CSV, 766, File{Path: "xlsum_ja/test.csv", URL: xlsumJa + "test.csv", MaxSize: 64 * mebi}),
			xlsum.table("test", 766), xlsum.converted("test", 766),
			one(CSV, 42, File{Path: "xlsum_ja/synthetic.test.csv", URL: xlsumJa + "test.csv", MaxSize: mebi}),
		}},
		{"xlsum_ja", "train", "CC BY-NC-SA 4.0", "mkshing/xlsum_ja", []Layout{
			one(CSV, 4215, File{Path: "xlsum_ja/train.csv", URL: xlsumJa + "train.csv", MaxSize: 256 * mebi}),
			xlsum.table("train", 4215), xlsum.converted("train", 4215),
			one(CSV, 60, File{Path: "xlsum_ja/synthetic.train.csv", URL: xlsumJa + "train.csv", MaxSize: mebi}),
		}},
		{"mgsm", "test", "CC BY 4.0", "juletxara/mgsm (ja)", []Layout{
			one(MGSM, 250, File{Path: "mgsm/mgsm_ja.tsv", URL: urlNLP + "mgsm_ja.tsv", Pins: []Pin{
				official("59a2b50debe77981fd784cb3b2bef1505e3abf2a37116dc9d7a366ab029b4637", "8ffeefab976f7dae262a52be91c4cbf65427e455", 81043)}}),
			mgsm.table("test", 250), mgsm.converted("test", 250),
		}},
		{"mgsm", "train", "CC BY 4.0", "juletxara/mgsm (ja)", []Layout{
			one(MGSMExemplars, 8, File{Path: "mgsm/exemplars.py", URL: urlNLP + "exemplars.py", Pins: []Pin{
				official("239dda1557bb2ba76b71e5ef744ddd0b454da0b453e5f8b909498ceff690a919", "98cb95b816cc3cd3bf9d3e2a1d87f82332a1516a", 104924)}}),
			one(JSONArray, 8, File{Path: "mgsm/mgsm_ja_exemplars.json", URL: urlNLP + "exemplars.py", Pins: []Pin{
				rebuilt("63fea07526c181d3ce5450e6e59745c5aa39b27bcee06456fcdaafe5c16e4f56", 4743, proofMGSM)}}),
			mgsm.table("train", 8), mgsm.converted("train", 8),
		}},
		{"wmt20", "en-ja", "WMT: research use", "sacreBLEU 1.5.0 test set wmt20", []Layout{{Format: LinePairs, Rows: 1000, Files: []File{
			{Path: "wmt20/wmt20.en-ja.en", URL: wmt20Tar, Member: "sgm/newstest2020-enja-src.en.sgm", Pins: []Pin{
				rebuilt("cd85e8890543677a61da20cea5e1dc526e31539f80cb2285991bdb9240c4913d", 133294, proofWMT20)}},
			{Path: "wmt20/wmt20.en-ja.ja", URL: wmt20Tar, Member: "sgm/newstest2020-enja-ref.ja.sgm", Pins: []Pin{
				rebuilt("0a02324c84322c1ea5287056b434ae857bae3066b28db2396a9d8420ca09914d", 177367, proofWMT20)}},
		}}, wmt("enja-src.en", "enja-ref.ja", 1000)}},
		{"wmt20", "ja-en", "WMT: research use", "sacreBLEU 1.5.0 test set wmt20", []Layout{{Format: LinePairs, Rows: 993, Files: []File{
			{Path: "wmt20/wmt20.ja-en.ja", URL: wmt20Tar, Member: "sgm/newstest2020-jaen-src.ja.sgm", Pins: []Pin{
				rebuilt("7d9015cc4f44b05af0ecc84379fcf7ceda0b37696cc28baae1e169e800858b4c", 146494, proofWMT20)}},
			{Path: "wmt20/wmt20.ja-en.en", URL: wmt20Tar, Member: "sgm/newstest2020-jaen-ref.en.sgm", Pins: []Pin{
				rebuilt("eaee29be127dfab3582d1dc2f059a5373a8f925210d912f67638c9ed97839295", 148484, proofWMT20)}},
		}}, wmt("jaen-src.ja", "jaen-ref.en", 993)}},
		{"openbookqa", "test", "unknown (Hugging Face card)", "openbookqa (main)", []Layout{
			one(JSONL, 500, File{Path: "openbookqa/test.jsonl", URL: openBook, Member: "OpenBookQA-V1-Sep2018/Data/Main/test.jsonl", Pins: []Pin{
				official("feb2bd9bfa6161dca4c44ce90e51e8cdada83eb5061407fcdc5005e44aaf2313", "", 153259)}}),
			openBookMember("test.jsonl", 500, 153259),
			openBookTables.table("test", 500), openBookTables.converted("test", 500),
		}},
		{"openbookqa", "train", "unknown (Hugging Face card)", "openbookqa (main)", []Layout{
			one(JSONL, 4957, File{Path: "openbookqa/train.jsonl", URL: openBook, Member: "OpenBookQA-V1-Sep2018/Data/Main/train.jsonl", Pins: []Pin{
				official("388ce25926fa33b573ba6556d7245a6185f612dedf919871b6acb9340c8497a5", "", 1505097)}}),
			openBookMember("train.jsonl", 4957, 1505097),
			openBookTables.table("train", 4957), openBookTables.converted("train", 4957),
		}},
		{"trivia_qa", "validation", "unknown (Hugging Face card); Apache-2.0 (repository)", "trivia_qa (rc.nocontext)", []Layout{
			triviaArchive("dev", 17944),
			one(JSONL, 17944, File{Path: "trivia_qa/validation.jsonl", URL: triviaTar, Member: "qa/web-dev.json then qa/wikipedia-dev.json", MaxSize: 256 * mebi}),
			triviaFiles("dev", 17944),
			trivia.table("validation", 17944), trivia.converted("validation", 17944),
		}},
		{"trivia_qa", "train", "unknown (Hugging Face card); Apache-2.0 (repository)", "trivia_qa (rc.nocontext)", []Layout{
			triviaArchive("train", 138384),
			one(JSONL, 138384, File{Path: "trivia_qa/train.jsonl", URL: triviaTar, Member: "qa/web-train.json then qa/wikipedia-train.json", MaxSize: 1024 * mebi}),
			triviaFiles("train", 138384),
			trivia.table("train", 138384), trivia.converted("train", 138384),
		}},
		{"hellaswag", "validation", "MIT", "hellaswag", []Layout{
			one(JSONL, 10042, File{Path: "hellaswag/validation.jsonl", URL: rowanz + "hellaswag_val.jsonl", Pins: []Pin{
				official("0aa3b88843990f3f10a97b9575c94d7b71fb2205240ba04ae4884d9e9c992588", "0f5ee25d72216f12317d5d8a7b92deafa423d81e", 12246618),
				rebuilt("70bb22540796bdffe10d970a1bebb14c4538a1bc8b3526f61ac9bc45ae0b99e8", 11581112, proofHellaSwag)}}),
			one(JSONL, 10042, File{Path: "hellaswag/hellaswag_val.jsonl", URL: rowanz + "hellaswag_val.jsonl", Pins: []Pin{
				official("0aa3b88843990f3f10a97b9575c94d7b71fb2205240ba04ae4884d9e9c992588", "0f5ee25d72216f12317d5d8a7b92deafa423d81e", 12246618)}}),
			hellaSwag.table("validation", 10042), hellaSwag.converted("validation", 10042),
		}},
		{"hellaswag", "train", "MIT", "hellaswag", []Layout{
			one(JSONL, 39905, File{Path: "hellaswag/train.jsonl", URL: rowanz + "hellaswag_train.jsonl", Pins: []Pin{
				official("dae5e69249868cb9fe4e23ff925c60b66169564cfb7072d793cd7356a2b69f8d", "1997e15fe638ef2aeec6993471159295cd75aab7", 47496131)}}),
			one(JSONL, 39905, File{Path: "hellaswag/hellaswag_train.jsonl", URL: rowanz + "hellaswag_train.jsonl", Pins: []Pin{
				official("dae5e69249868cb9fe4e23ff925c60b66169564cfb7072d793cd7356a2b69f8d", "1997e15fe638ef2aeec6993471159295cd75aab7", 47496131)}}),
			hellaSwag.table("train", 39905), hellaSwag.converted("train", 39905),
		}},
		{"squad_v2", "validation", ccBySA4, "squad_v2", []Layout{
			one(SQuAD, 11873, File{Path: "squad_v2/dev-v2.0.json", URL: rajpurkar + "dev-v2.0.json", Pins: []Pin{
				official("80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8", "", 4370528)}}),
			one(JSONL, 11873, File{Path: "squad_v2/validation.jsonl", URL: rajpurkar + "dev-v2.0.json", Pins: []Pin{
				rebuilt("30c85d4d0763d0fa7148e3f1c4d6795589ce8f863ee566222f9e4434e9976dee", 12485742, proofSQuAD2)}}),
			squad.table("validation", 11873), squad.converted("validation", 11873),
		}},
		{"squad_v2", "train", ccBySA4, "squad_v2", []Layout{
			one(SQuAD, 130319, File{Path: "squad_v2/train-v2.0.json", URL: rajpurkar + "train-v2.0.json", Pins: []Pin{
				official("68dcfbb971bd3e96d5b46c7177b16c1a4e7d4bdef19fb204502738552dede002", "", 42123633)}}),
			one(JSONL, 130319, File{Path: "squad_v2/train.jsonl", URL: rajpurkar + "train-v2.0.json", MaxSize: 512 * mebi}),
			squad.table("train", 130319), squad.converted("train", 130319),
		}},
		{"xwinograd", "test", "CC BY 4.0", "Muennighoff/xwinograd (en)", []Layout{
			one(JSONL, 2325, File{Path: "xwinograd/en.jsonl", URL: xwinograd, MaxSize: 8 * mebi}),
			xwino.table("test", 2325), xwino.converted("test", 2325),
		}},
		{"gsm8k", "test", "MIT", "gsm8k (main)", []Layout{
			one(JSONL, 1319, File{Path: "gsm8k/test.jsonl", URL: gradeMath + "test.jsonl", Pins: []Pin{
				official("3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14", "e4c2ff4942b9a78bd74f04141224c11e28d12dc9", 749738)}}),
			gsm8k.table("test", 1319), gsm8k.converted("test", 1319),
		}},
		{"gsm8k", "train", "MIT", "gsm8k (main)", []Layout{
			one(JSONL, 7473, File{Path: "gsm8k/train.jsonl", URL: gradeMath + "train.jsonl", Pins: []Pin{
				official("17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465", "7d97154b91aef28d01c3301741c81ce90039a4b1", 4166206)}}),
			gsm8k.table("train", 7473), gsm8k.converted("train", 7473),
		}},
	}, laterSplits()...)
}

const ccBySA4 = "CC BY-SA 4.0"

// one is a layout of a single file.
func one(format Format, rows int, f File) Layout {
	return Layout{Format: format, Files: []File{f}, Rows: rows}
}

// official pins what the authors published; blob is git's name of it, "" where it is in no repository.
func official(sha256, blob string, size int64) Pin {
	return Pin{SHA256: sha256, GitBlob: blob, Size: size, State: Official}
}

func rebuilt(sha256 string, size int64, proof string) Pin {
	return Pin{SHA256: sha256, Size: size, State: Rebuilt, Note: proof}
}
