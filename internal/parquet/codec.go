package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// decompressor unpacks pages to exactly the size their headers say, and never allocates more.
type decompressor struct {
	gzip   *gzip.Reader
	brotli *brotli.Reader
	zstd   *zstd.Decoder
}

var errPageSize = errors.New("it does not unpack to the size its header says")

// decode fills dst with what src unpacks to.
func (d *decompressor) decode(dst, src []byte, codec format.CompressionCodec) error {
	if len(src) == 0 && len(dst) == 0 { // some writers compress what is empty to nothing
		return nil
	}
	switch codec {
	case format.Uncompressed:
		if copy(dst, src) != len(src) || len(src) != len(dst) {
			return errPageSize
		}
		return nil
	case format.Snappy:
		n, err := snappy.DecodedLen(src)
		if err != nil {
			return err
		}
		if n != len(dst) {
			return errPageSize
		}
		_, err = snappy.Decode(dst, src)
		return err
	case format.Gzip:
		var err error
		if d.gzip == nil {
			d.gzip, err = gzip.NewReader(bytes.NewReader(src))
		} else {
			err = d.gzip.Reset(bytes.NewReader(src))
		}
		if err != nil {
			return err
		}
		return fill(dst, d.gzip)
	case format.Brotli:
		if d.brotli == nil {
			d.brotli = brotli.NewReader(bytes.NewReader(src))
		} else if err := d.brotli.Reset(bytes.NewReader(src)); err != nil {
			return err
		}
		return fill(dst, d.brotli)
	case format.Zstd:
		if d.zstd == nil {
			var err error
			if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true)); err != nil {
				return err
			}
		}
		out, err := d.zstd.DecodeAll(src, dst[:0:len(dst)])
		if err == nil && len(out) != len(dst) {
			err = errPageSize
		}
		return err
	default:
		return fmt.Errorf("compression %s is not read", codec)
	}
}

// fill reads dst from r, which must end there.
func fill(dst []byte, r io.Reader) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return errPageSize
		}
		return err
	}
	// The end is read too, so that checksums are compared.
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n > 0:
		return errPageSize
	case err != io.EOF:
		return err
	}
	return nil
}
