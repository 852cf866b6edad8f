package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// repack checks a Parquet file and returns one with the same records, of the leaves that choose marks only, whose pages
// are not compressed. Everything a header declares is compared with what is there before it is believed; limit bounds
// the result in bytes, and a quarter of it the number of values.
func repack(content []byte, limit int64, choose func(*element) error) ([]byte, error) {
	meta, end, err := footer(content)
	if err != nil {
		return nil, err
	}
	root, leaves, err := schemaTree(meta.Schema)
	if err != nil {
		return nil, err
	}
	if err := readable(meta, leaves); err != nil {
		return nil, err
	}
	if err := choose(root); err != nil {
		return nil, err
	}
	p := &packer{content: content[:end], limit: limit, values: limit / 4}
	p.out = append(make([]byte, 0, p.estimate(meta, leaves)), magic...)
	for i := range meta.RowGroups {
		if err := p.rowGroup(&meta.RowGroups[i], leaves); err != nil {
			return nil, fmt.Errorf("row group %d: %w", i+1, err)
		}
	}
	plain := format.FileMetaData{Version: meta.Version, Schema: root.prune(), NumRows: meta.NumRows, RowGroups: meta.RowGroups}
	if len(plain.Schema) == 0 {
		return nil, errors.New("no columns are read")
	}
	return p.close(plain)
}

// magic is at both ends of a file, magicEncrypted where the footer is encrypted.
const (
	magic          = "PAR1"
	magicEncrypted = "PARE"
	mebi           = 1 << 20
	footerLimit    = 16 * mebi
)

// footer returns a file's metadata and the offset at which they begin.
func footer(content []byte) (*format.FileMetaData, int, error) {
	tail := len(content) - 8
	switch {
	case len(content) >= 4 && string(content[:4]) == magicEncrypted:
		return nil, 0, errors.New("the file is encrypted")
	case len(content) < 4 || string(content[:4]) != magic:
		return nil, 0, errors.New("not a Parquet file")
	case tail < 4 || string(content[tail+4:]) != magic:
		return nil, 0, errors.New("the file is cut short: it does not end as Parquet does")
	}
	size := int64(binary.LittleEndian.Uint32(content[tail:]))
	if size > int64(tail-4) || size > footerLimit {
		return nil, 0, fmt.Errorf("metadata of %d bytes", size)
	}
	end := tail - int(size)
	var meta format.FileMetaData
	n, err := decodeThrift(content[end:tail], &meta)
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("metadata: %w", err)
	case meta.EncryptionAlgorithm.Value != nil:
		return nil, 0, errors.New("the file is encrypted")
	case n != int(size):
		return nil, 0, fmt.Errorf("metadata: %d bytes too many", int(size)-n)
	}
	return &meta, end, nil
}

// readable refuses what the library cannot read or reads wrongly, in any column: LZ4_RAW pages come out silently
// wrong (parquet-go v0.32.0 keeps a stale buffer), the others are unknown to it.
func readable(meta *format.FileMetaData, leaves []*element) error {
	rows := int64(0)
	for i, group := range meta.RowGroups {
		if len(group.Columns) != len(leaves) {
			return fmt.Errorf("row group %d has %d columns, the schema %d", i+1, len(group.Columns), len(leaves))
		}
		if group.NumRows < 0 || meta.NumRows-rows < group.NumRows {
			return fmt.Errorf("row group %d says it has %d rows", i+1, group.NumRows)
		}
		rows += group.NumRows
		for j, chunk := range group.Columns {
			path := leaves[j].path
			switch codec := chunk.MetaData.Codec; {
			case chunk.CryptoMetadata.Value != nil || chunk.EncryptedColumnMetadata != nil:
				return fmt.Errorf("column %q is encrypted", path)
			case chunk.FilePath != "":
				return fmt.Errorf("column %q lies in another file", path)
			case !slices.Contains(codecs, codec):
				return fmt.Errorf("column %q is compressed with %s (codec %d), which is not read; write the file with snappy or zstd", path, codec, codec)
			case chunk.MetaData.Type != leaves[j].Type.V:
				return fmt.Errorf("column %q is a %s in the schema and a %s in row group %d", path, leaves[j].Type.V, chunk.MetaData.Type, i+1)
			}
		}
	}
	if rows != meta.NumRows {
		return fmt.Errorf("%d rows in the row groups, %d in the file", rows, meta.NumRows)
	}
	return nil
}

// codecs are the compressions that are read.
var codecs = []format.CompressionCodec{format.Uncompressed, format.Snappy, format.Gzip, format.Brotli, format.Zstd}

// packer writes the file anew.
type packer struct {
	content []byte // up to the metadata
	limit   int64
	values  int64 // values that may still come
	out     []byte
	inflate decompressor
}

// estimate is the size of the result as the metadata have it, as far as that is believable.
func (p *packer) estimate(meta *format.FileMetaData, leaves []*element) int64 {
	size, most := int64(2*mebi), min(p.limit, 16*int64(len(p.content)))+2*mebi
	for _, group := range meta.RowGroups {
		for i, leaf := range leaves {
			if declared := group.Columns[i].MetaData.TotalUncompressedSize; leaf.wanted && declared > 0 {
				size += min(declared, most)
				size = min(size, most)
			}
		}
	}
	return size
}

// rowGroup copies the wanted columns and makes the group's metadata say where they are now.
func (p *packer) rowGroup(group *format.RowGroup, leaves []*element) error {
	kept := make([]format.ColumnChunk, 0, len(group.Columns))
	size := int64(0)
	for i, leaf := range leaves {
		if !leaf.wanted {
			continue
		}
		chunk, err := p.chunk(group.Columns[i].MetaData, group.NumRows, leaf)
		if err != nil {
			return fmt.Errorf("column %q: %w", leaf.path, err)
		}
		kept = append(kept, format.ColumnChunk{FileOffset: chunk.DataPageOffset, MetaData: chunk})
		size += chunk.TotalCompressedSize
	}
	*group = format.RowGroup{Columns: kept, TotalByteSize: size, TotalCompressedSize: size, NumRows: group.NumRows, Ordinal: group.Ordinal}
	return nil
}

// chunk copies one column of a row group page by page.
func (p *packer) chunk(meta format.ColumnMetaData, rows int64, leaf *element) (format.ColumnMetaData, error) {
	plain := format.ColumnMetaData{
		Type: meta.Type, Encoding: meta.Encoding, PathInSchema: meta.PathInSchema, NumValues: meta.NumValues, Codec: format.Uncompressed,
	}
	start, size := meta.DataPageOffset, meta.TotalCompressedSize
	if meta.DictionaryPageOffset != 0 {
		start = meta.DictionaryPageOffset
	}
	if start < 4 || size < 0 || start > int64(len(p.content)) || size > int64(len(p.content))-start {
		return plain, fmt.Errorf("%d bytes at %d, which is not within the file", size, start)
	}
	begin := int64(len(p.out))
	dictionary, data, values, begun := false, false, int64(0), int64(0)
	for rest := p.content[start : start+size]; len(rest) > 0; {
		header, body, after, err := nextPage(rest)
		if err != nil {
			return plain, err
		}
		rest = after
		at := int64(len(p.out))
		switch header.Type {
		case format.IndexPage:
			continue
		case format.DictionaryPage:
			if dictionary || data {
				return plain, errors.New("the dictionary is not the first page")
			}
			dictionary, plain.DictionaryPageOffset = true, at
		default:
			if !data {
				data, plain.DataPageOffset = true, at
			}
		}
		t, err := p.page(header, body, meta.Codec, leaf)
		if err != nil {
			return plain, err
		}
		if values == 0 && t.values > 0 && !t.starts {
			return plain, errors.New("the first value continues a row")
		}
		values += int64(t.values)
		begun += int64(t.rows)
	}
	if values != meta.NumValues {
		return plain, fmt.Errorf("%d values in the pages, %d in the metadata", values, meta.NumValues)
	}
	if begun != rows {
		return plain, fmt.Errorf("the values of %d rows, where there are %d", begun, rows)
	}
	if !data { // the library looks for the data of an empty column here
		plain.DataPageOffset = begin
	}
	plain.TotalCompressedSize = int64(len(p.out)) - begin
	plain.TotalUncompressedSize = plain.TotalCompressedSize
	return plain, nil
}

// nextPage returns the page at the beginning of b and what is behind it.
func nextPage(b []byte) (header format.PageHeader, body, rest []byte, err error) {
	n, err := decodeThrift(b, &header)
	if err != nil {
		return header, nil, nil, fmt.Errorf("page header: %w", err)
	}
	b = b[n:]
	if header.CompressedPageSize < 0 || int64(header.CompressedPageSize) > int64(len(b)) {
		return header, nil, nil, fmt.Errorf("a page of %d bytes, where %d are left", header.CompressedPageSize, len(b))
	}
	body, rest = b[:header.CompressedPageSize], b[header.CompressedPageSize:]
	if header.CRC != 0 && header.CRC != int32(crc32.ChecksumIEEE(body)) {
		return header, nil, nil, errors.New("a page differs from its checksum")
	}
	return header, body, rest, nil
}

// page checks one page and writes it without compression.
func (p *packer) page(header format.PageHeader, body []byte, codec format.CompressionCodec, leaf *element) (pageCounts, error) {
	count, levels := int32(-1), 0
	plain := format.PageHeader{Type: header.Type, UncompressedPageSize: header.UncompressedPageSize, CompressedPageSize: header.UncompressedPageSize}
	switch header.Type {
	case format.DataPage:
		if h := header.DataPageHeader; h.Valid {
			count, plain.DataPageHeader = h.V.NumValues, h
			plain.DataPageHeader.V.Statistics = format.Statistics{}
		}
	case format.DictionaryPage:
		if h := header.DictionaryPageHeader; h.Valid {
			count, plain.DictionaryPageHeader = h.V.NumValues, h
		}
	case format.DataPageV2:
		if h := header.DataPageHeaderV2; h.Valid {
			repetition, definition := h.V.RepetitionLevelsByteLength, h.V.DefinitionLevelsByteLength
			if repetition < 0 || definition < 0 || int64(repetition)+int64(definition) > int64(len(body)) || h.V.NumNulls < 0 || h.V.NumNulls > h.V.NumValues {
				return pageCounts{}, fmt.Errorf("a page of %d bytes with levels of %d and %d bytes and %d of %d values null", len(body), repetition, definition, h.V.NumNulls, h.V.NumValues)
			}
			levels = int(repetition) + int(definition)
			if h.V.IsCompressed.Valid && !h.V.IsCompressed.V {
				codec = format.Uncompressed
			}
			count, plain.DataPageHeaderV2 = h.V.NumValues, h
			plain.DataPageHeaderV2.V.Statistics = format.Statistics{}
			plain.DataPageHeaderV2.V.IsCompressed = thrift.New(false)
		}
	default:
		return pageCounts{}, fmt.Errorf("a page of unknown type %d", header.Type)
	}
	if count < 0 {
		return pageCounts{}, fmt.Errorf("a page of type %s without its header, or with a negative number of values", header.Type)
	}
	if p.values -= int64(count); p.values < 0 {
		return pageCounts{}, errors.New("more values than this file can have")
	}
	size := int64(header.UncompressedPageSize)
	if size < int64(levels) || size > p.limit-int64(len(p.out)) {
		return pageCounts{}, fmt.Errorf("a page that unpacks to %d bytes, more than this file can have", size)
	}
	encoded, err := thrift.Marshal(new(thrift.CompactProtocol), &plain)
	if err != nil {
		return pageCounts{}, err
	}
	p.out = append(p.out, encoded...)
	p.out = append(p.out, body[:levels]...)
	at := len(p.out)
	p.out = slices.Grow(p.out, int(size)-levels)[:at+int(size)-levels]
	if err := p.inflate.decode(p.out[at:], body[levels:], codec); err != nil {
		return pageCounts{}, fmt.Errorf("a page of %s: %w", codec, err)
	}
	return consistent(plain, p.out[at-levels:], leaf, p.limit)
}

// close writes the metadata.
func (p *packer) close(meta format.FileMetaData) ([]byte, error) {
	encoded, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		return nil, err
	}
	p.out = append(p.out, encoded...)
	p.out = binary.LittleEndian.AppendUint32(p.out, uint32(len(encoded)))
	return append(p.out, magic...), nil
}

// decodeThrift reads one structure at the beginning of b into v and returns its length. The library allocates what a
// list says its length is and recurses into what it skips, so the structure is walked first.
func decodeThrift(b []byte, v any) (int, error) {
	w := thriftWalk{b: b, elements: 1 << 20}
	if err := w.structure(0); err != nil {
		return 0, err
	}
	return w.at, thrift.Unmarshal(new(thrift.CompactProtocol), b[:w.at], v)
}
