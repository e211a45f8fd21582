// The body is: preamble, then for each part "--BOUNDARY" CRLF headers CRLF CRLF content CRLF, then "--BOUNDARY--" and
// an epilogue. A boundary counts at the beginning of a line only. Cost is linear: one search of the boundary from each
// part's beginning to its end. Tested by multipart_test.cc and fuzz/multipart_fuzz.cc.
#include "api/multipart.h"

#include <algorithm>

#include "base/format.h"
#include "http/client.h"

namespace holdfast::api {
namespace {

constexpr std::size_t kPartsMax = 32;
constexpr std::size_t kPartHeadersMax = 8 * 1024;
constexpr std::size_t kBoundaryMax = 70;
constexpr std::string_view kLineEnd = "\r\n";

std::unexpected<Error> Broken(std::string_view what) {
  return Fail(ErrorKind::kInvalidInput, Format("multipart/form-data: {}", what));
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes `"quoted \" text"` or a word up to ';' from the front.
std::string TakeParameterValue(std::string_view& text) {
  std::string value;
  if (text.empty() || text.front() != '"') {
    const std::string_view word = text.substr(0, std::min(text.find(';'), text.size()));
    text.remove_prefix(word.size());
    return std::string(Trimmed(word));
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    // Browsers write '"' as %22 and leave '\' alone; others escape both. A lone '\' stands for itself.
    if (text.size() > 1 && text[0] == '\\' && (text[1] == '"' || text[1] == '\\')) text.remove_prefix(1);
    value.push_back(text.front());
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

// The parameter of a header value such as `form-data; name="x"; filename=y`; empty when it is not there.
std::string HeaderParameter(std::string_view value, std::string_view name) {
  value.remove_prefix(std::min(value.find(';'), value.size()));
  while (!value.empty()) {
    value.remove_prefix(1);
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view found = Trimmed(value.substr(0, equals));
    value.remove_prefix(equals + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    std::string text = TakeParameterValue(value);
    if (http::EqualsIgnoringCase(found, name)) return text;
    value.remove_prefix(std::min(value.find(';'), value.size()));
  }
  return {};
}

std::string_view MainValue(std::string_view value) {
  return Trimmed(value.substr(0, std::min(value.find(';'), value.size())));
}

Result<void> ReadPartHeader(std::string_view line, FormPart& part) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Broken("a part's header without a colon");
  const std::string_view name = Trimmed(line.substr(0, colon));
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (http::EqualsIgnoringCase(name, "Content-Type")) part.content_type = value;
  if (!http::EqualsIgnoringCase(name, "Content-Disposition")) return {};
  if (!http::EqualsIgnoringCase(MainValue(value), "form-data")) return Broken("a part that is no form-data");
  part.name = HeaderParameter(value, "name");
  part.file_name = HeaderParameter(value, "filename");
  return {};
}

// Takes the headers and the blank line after them from the front of `text`.
Result<FormPart> TakePartHeaders(std::string_view& text) {
  FormPart part;
  std::size_t taken = 0;
  while (true) {
    const std::size_t end = text.substr(0, kPartHeadersMax + kLineEnd.size()).find(kLineEnd);
    if (end == std::string_view::npos && text.size() <= kPartHeadersMax) return Broken("a part without end");
    taken += end == std::string_view::npos ? kPartHeadersMax : end;
    if (end == std::string_view::npos || taken > kPartHeadersMax)
      return Fail(ErrorKind::kLimit, "multipart/form-data: more than 8 KiB of headers of one part");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + kLineEnd.size());
    if (line.empty()) break;
    HF_CHECK_OK(ReadPartHeader(line, part));
    taken += kLineEnd.size();
  }
  if (part.name.empty()) return Broken("a part without a name");
  return part;
}

// What follows a boundary: the end of it all ("--"), or blanks and a line end before a part.
Result<bool> TakeAfterBoundary(std::string_view& text) {
  if (text.starts_with("--")) return false;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  if (!text.starts_with(kLineEnd)) return Broken("text after a boundary");
  text.remove_prefix(kLineEnd.size());
  return true;
}

}  // namespace

bool IsMultipartForm(std::string_view content_type) {
  return http::EqualsIgnoringCase(MainValue(content_type), "multipart/form-data");
}

Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type, std::string_view body) {
  if (!IsMultipartForm(content_type)) return Broken("expected, but the content is of another type");
  const std::string boundary = HeaderParameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kBoundaryMax) return Broken("no boundary, or one of more than 70 bytes");
  const std::string line_end_and_mark = Format("\r\n--{}", boundary);
  const std::string_view mark = std::string_view(line_end_and_mark).substr(kLineEnd.size());

  // The first boundary may stand at the very beginning, or after a preamble.
  std::size_t first = 0;
  if (!body.starts_with(mark)) {
    first = body.find(line_end_and_mark);
    if (first == std::string_view::npos) return Broken("the boundary is nowhere");
    first += kLineEnd.size();
  }
  std::string_view rest = body.substr(first + mark.size());
  std::vector<FormPart> parts;
  while (true) {
    HF_TRY(const bool more, TakeAfterBoundary(rest));
    if (!more) return parts;
    if (parts.size() == kPartsMax) return Fail(ErrorKind::kLimit, "multipart/form-data: more than 32 parts");
    HF_TRY(FormPart part, TakePartHeaders(rest));
    const std::size_t end = rest.find(line_end_and_mark);
    // An empty content may have its boundary right after the blank line.
    const bool empty = rest.starts_with(mark);
    if (!empty && end == std::string_view::npos) return Broken("a part without end");
    part.content = empty ? std::string_view() : rest.substr(0, end);
    rest.remove_prefix(empty ? mark.size() : end + line_end_and_mark.size());
    parts.push_back(std::move(part));
  }
}

}  // namespace holdfast::api
