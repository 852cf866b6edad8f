// What a tile fetches that takes its weights from memory by itself, every one once, because no other tile of its rows shares them: it waits for
// memory longer than for anything else. The processor fetches ahead too, but no further than the end of a page, and
// memory is faster when lines of several pages are asked for in turn than when one page comes after the other: while four pages are
// used, the four after them are fetched, a line of each in turn.
//
// COMING leaves in to where the lines are that are fetched while those at are used; t is scratch. PAGES fetches four lines,
// d bytes on from there. A tile calls PAGES once for every 256 bytes that it uses, with d growing by 64 until the next COMING.
#define COMING(at, to, t) \
	LEAQ 16384(at), to; \
	ANDQ $~16383, to; \
	MOVQ at, t; \
	ANDQ $16383, t; \
	SHRQ $2, t; \
	ADDQ t, to

#define PAGES(to, d) \
	PREFETCHT0 d(to); \
	PREFETCHT0 4096+d(to); \
	PREFETCHT0 8192+d(to); \
	PREFETCHT0 12288+d(to)
