#include "core/gzip.h"

#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

namespace agentaudit {
namespace {

// The inflater of one call.
class Inflater {
 public:
  Inflater() {
    // 16: gzip alone, neither zlib's own header nor raw deflate.
    constexpr int gzip_window_bits = 15 + 16;
    ready_ = inflateInit2(&stream_, gzip_window_bits) == Z_OK;
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] bool is_ready() const noexcept { return ready_; }
  z_stream& stream() noexcept { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

Error damaged(const z_stream& stream, std::size_t offset) {
  return {.code = ErrorCode::parse,
          .message = std::string("gzip that is damaged near byte ") + std::to_string(offset) +
                     (stream.msg != nullptr ? std::string(": ") + stream.msg : std::string())};
}

Error too_large(std::size_t bytes_max) {
  return {.code = ErrorCode::too_large,
          .message = "more than " + std::to_string(bytes_max) + " bytes after unzipping"};
}

}  // namespace

bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1f\x8b"); }

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max) {
  constexpr std::size_t first_bytes = std::size_t{64} << 10U;
  if (!is_gzip(packed)) return fail(ErrorCode::parse, "no gzip: it starts otherwise");
  if (packed.size() > std::numeric_limits<uInt>::max()) return fail(too_large(bytes_max));
  Inflater inflater;
  if (!inflater.is_ready()) return fail(ErrorCode::io, "no memory to unzip with");
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());

  std::string out;
  std::size_t used = 0;
  while (true) {
    // One byte more than allowed tells a text that just fits from one that does not.
    if (used == out.size()) {
      out.resize(std::min(std::max(first_bytes, out.size() * 2), bytes_max + 1));
    }
    const std::size_t room = std::min<std::size_t>(out.size() - used, 1U << 30U);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (used > bytes_max) return fail(too_large(bytes_max));
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
      // Padding with zeros after the last member is allowed by tradition.
      if (rest.find_first_not_of('\0') == std::string_view::npos) break;
      if (!is_gzip(rest)) return fail(ErrorCode::parse, "text after the end of the gzip");
      inflateReset(&stream);
      continue;
    }
    const bool is_cut = stream.avail_in == 0 && stream.avail_out > 0;
    if ((result == Z_OK || result == Z_BUF_ERROR) && !is_cut) continue;
    if (is_cut && (result == Z_OK || result == Z_BUF_ERROR)) {
      return fail(ErrorCode::parse, "gzip that is cut: its end is missing");
    }
    return fail(damaged(stream, packed.size() - stream.avail_in));
  }
  out.resize(used);
  return out;
}

std::string gzip(std::string_view bytes) {
  constexpr int level = 4;
  constexpr int gzip_window_bits = 15 + 16;
  constexpr int memory_level = 8;
  constexpr std::size_t piece_max = 1U << 30U;
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  std::size_t used = 0;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    const std::size_t in = std::min(bytes.size(), piece_max);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(in);
    if (used == out.size()) out.resize(out.size() * 2);
    const std::size_t room = std::min(out.size() - used, piece_max);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    result = deflate(&stream, in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    used += room - stream.avail_out;
    bytes.remove_prefix(in - stream.avail_in);
  }
  deflateEnd(&stream);
  out.resize(used);
  return out;
}

}  // namespace agentaudit
