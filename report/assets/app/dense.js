// Blocks of text as report/dense packs them: an adaptive range coder, ranks by time of last use, and the Burrows-Wheeler
// transform.

// partCount is in how many parts a text is put together side by side: each byte waits for memory, and eight can at once.
const partCount = 8;

// undense unpacks the bytes of a block.
function undense(packed) {
  let at = 0;
  const number = () => {
    let n = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = packed[at++];
      n += (b & 127) * scale;
      if (b < 128) return n;
    }
  };
  const length = number();
  if (length === 0) return new Uint8Array(0);
  const rows = [];
  for (let from = 0; from < length; from += Math.ceil(length / partCount)) rows.push(number());
  return untransform(readColumn(packed, at, length), rows);
}

// Chances of a one bit in 65,536ths, each followed quickly (first half of the array) and slowly (second half), by what is
// known: 16 * classes + run for "is it 0" and "is it 1", 9 * last + length, and 128 * length + the bits so far.
const firstOne = 1024;
const firstLength = 2048;
const firstLow = firstLength + 36;
const chanceCount = firstLow + 9 * 128;

// readColumn reads the transform's bytes. The reader of a bit stands in it three times: as a function of its own it would
// take three times as long.
function readColumn(packed, at, length) {
  const chances = new Int32Array(2 * chanceCount).fill(32768);
  let span = -1; // both are unsigned: >>> 0 says so where it matters
  let code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | packed[at++];
  const order = new Uint8Array(256).map((_, i) => i);
  const column = new Uint8Array(length);
  let classes = 0;
  let run = 0;
  let last = 0;
  for (let i = 0; i < length; i++) {
    // The bits of a rank: state 0 asks whether it is 0, 1 whether it is 1, 2 to 7 whether it has as many bits, and below
    // them r grows bit by bit.
    const expected = 16 * classes + Math.min(32 - Math.clz32(run), 15);
    let state = 0;
    let left = 0;
    let r = 1;
    let context = expected;
    for (;;) {
      const quick = chances[context];
      const slow = chances[context + chanceCount];
      const bound = Math.imul(span >>> 16, Math.min(Math.max((quick + slow) >> 1, 32), 65504));
      let one = 0;
      if ((code >>> 0) < (bound >>> 0)) {
        span = bound;
        one = 1;
        chances[context] = quick + ((65535 - quick) >> 4);
        chances[context + chanceCount] = slow + ((65535 - slow) >> 7);
      } else {
        code = (code - bound) | 0;
        span = (span - bound) | 0;
        chances[context] = quick - (quick >> 4);
        chances[context + chanceCount] = slow - (slow >> 7);
      }
      while ((span >>> 0) < 16777216) {
        span <<= 8;
        code = (code << 8) | packed[at++]; // beyond the end: undefined, which is 0 here
      }
      if (left > 0) {
        r = (r << 1) | one;
        if (--left === 0) break;
        context = firstLow + 128 * state + r;
      } else if (state === 0) {
        if (one) {
          r = 0;
          break;
        }
        state = 1;
        context = firstOne + expected;
      } else if (state === 1) {
        if (one) break;
        state = 2;
        context = firstLength + 9 * last + 2;
      } else {
        if (!one) state++;
        if (one || state === 8) {
          left = state - 1;
          context = firstLow + 128 * state + 1;
        } else {
          context = firstLength + 9 * last + state;
        }
      }
    }
    if (r === 0) {
      run++;
      classes = (classes << 2) & 63;
      column[i] = order[0];
      continue;
    }
    run = 0;
    const bits = 32 - Math.clz32(r);
    last = Math.min(bits - 1, 3);
    classes = ((classes << 2) | Math.min(bits, 3)) & 63;
    const x = order[r];
    for (let j = r; j > 0; j--) order[j] = order[j - 1];
    order[0] = x;
    column[i] = x;
  }
  return column;
}

// untransform puts a text together from the bytes that stand before its sorted suffixes and the rows of its parts.
function untransform(column, rows) {
  const length = column.length;
  const row = rows[0];
  const starts = new Uint32Array(256);
  for (let i = 0; i < length; i++) starts[column[i]]++;
  let next = 1; // row 0 is that of the empty suffix
  for (let x = 0; x < 256; x++) {
    const n = starts[x];
    starts[x] = next;
    next += n;
  }
  const before = new Uint32Array(length + 1);
  for (let i = 0; i < row; i++) before[i] = starts[column[i]]++;
  for (let i = row; i < length; i++) before[i + 1] = starts[column[i]]++;
  const text = new Uint8Array(length);
  const part = Math.ceil(length / partCount);
  const parts = rows.length;
  // Each part is written from its end, where the next one begins: at is where each is, all steps are taken side by side.
  const at = new Uint32Array(parts);
  for (let k = 0; k + 1 < parts; k++) at[k] = rows[k + 1];
  const short = length - part * (parts - 1); // the length of the last part
  for (let i = part - 1; i >= 0; i--) {
    for (let k = i < short ? parts - 1 : parts - 2; k >= 0; k--) {
      const r = at[k];
      text[k * part + i] = column[r > row ? r - 1 : r];
      at[k] = before[r];
    }
  }
  return text;
}
