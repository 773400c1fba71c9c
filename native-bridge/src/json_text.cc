#include "json_text.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace millrace {

namespace {

template <typename Word>
Word load(const uint8_t* from) {
  Word word;
  memcpy(&word, from, sizeof word);
  return word;
}

template <typename Word>
void store(uint8_t* to, Word word) {
  memcpy(to, &word, sizeof word);
}

/// Whether any byte is a control character, a quote, a backslash or not ASCII; may say so of a byte above such a one.
template <typename Word>
bool needsCare(Word word) {
  constexpr Word ones = static_cast<Word>(~Word{0}) / 0xff;
  // XOR with 2 moves the quote right above the control characters, so that one subtraction finds both.
  Word low = (word ^ (ones * 0x02)) - ones * 0x21;
  Word backslash = (word ^ (ones * 0x5c)) - ones;
  return ((low | backslash | word) & (ones * 0x80)) != 0;
}

enum Escape : uint8_t { kPlain = 0, kControl = 1, kMultibyte = 2 };

/// By byte: an Escape, or the letter behind the backslash.
constexpr std::array<uint8_t, 256> escapes() {
  std::array<uint8_t, 256> table{};
  for (int byte = 0; byte < 256; byte++) table[byte] = byte < 0x20 ? kControl : byte < 0x80 ? kPlain : kMultibyte;
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\f'] = 'f';
  table['\r'] = 'r';
  return table;
}
constexpr std::array<uint8_t, 256> kEscapes = escapes();

/// \uXXXX of one UTF-16 unit.
uint8_t* writeUnit(uint32_t unit, uint8_t* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out[0] = '\\';
  out[1] = 'u';
  for (int digit = 0; digit < 4; digit++) out[2 + digit] = static_cast<uint8_t>(kHex[(unit >> (12 - 4 * digit)) & 15]);
  return out + 6;
}

bool isContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/// One character of 2 to 4 bytes, well formed as Unicode's table 3-7 says: those beyond the basic plane as two escapes. Null for any other.
uint8_t* writeMultibyte(const uint8_t*& at, const uint8_t* end, uint8_t* out) {
  uint8_t lead = at[0];
  ptrdiff_t width = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || end - at < width) return nullptr;
  uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at[1] < lowest || at[1] > highest) return nullptr;
  if (width > 2 && !isContinuation(at[2])) return nullptr;
  if (width == 4) {
    if (!isContinuation(at[3])) return nullptr;
    uint32_t point = (lead & 7u) << 18 | (at[1] & 63u) << 12 | (at[2] & 63u) << 6 | (at[3] & 63u);
    out = writeUnit(0xdc00 | (point & 0x3ff), writeUnit(0xd7c0 + (point >> 10), out));
  } else {
    for (ptrdiff_t i = 0; i < width; i++) *out++ = at[i];
  }
  at += width;
  return out;
}

}  // namespace

const uint8_t* copyPlain(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  if (end - at >= 8) {
    for (; end - at > 8; at += 8, out += 8) {
      auto word = load<uint64_t>(at);
      if (needsCare(word)) return at;
      store(out, word);
    }
    const uint8_t* last = end - 8;
    auto word = load<uint64_t>(last);
    if (needsCare(word)) return at;
    store(out - (at - last), word);
    return end;
  }
  if (end - at >= 4) {
    auto first = load<uint32_t>(at);
    auto second = load<uint32_t>(end - 4);
    if (needsCare(first) || needsCare(second)) return at;
    store(out, first);
    store(out + (end - 4 - at), second);
    return end;
  }
  for (; at < end; at++, out++) {
    if (kEscapes[*at] != kPlain) return at;
    *out = *at;
  }
  return end;
}

uint8_t* writeText(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  *out++ = '"';
  for (;;) {
    const uint8_t* plain = copyPlain(at, end, out);
    out += plain - at;
    at = plain;
    if (at == end) break;
    // One of the next 8 bytes needs care; the copy goes on behind it and those that follow it directly.
    for (; at < end && kEscapes[*at] == kPlain; at++) *out++ = *at;
    while (at < end && kEscapes[*at] != kPlain) {
      uint8_t escape = kEscapes[*at];
      if (escape == kMultibyte) {
        out = writeMultibyte(at, end, out);
        if (out == nullptr) return nullptr;
      } else if (escape == kControl) {
        out = writeUnit(*at++, out);
      } else {
        *out++ = '\\';
        *out++ = escape;
        at++;
      }
    }
  }
  *out = '"';
  return out + 1;
}

void copyConstant(const uint8_t* from, uint32_t length, uint8_t* out) {
  for (uint32_t done = 0; done < length; done += 8) store(out + done, load<uint64_t>(from + done));
}

}  // namespace millrace
