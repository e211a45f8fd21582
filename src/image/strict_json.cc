// Duplicate keys are found by counting: in valid JSON each colon outside of a string belongs to one
// member, and the parsed tree holds each key once. Fewer members than colons: some key came twice.

#include "image/strict_json.h"

#include <string>
#include <vector>

#include "base/format.h"

namespace holdfast::image {
namespace {

std::uint64_t CountColons(std::string_view text) {
  std::uint64_t colons = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (c == ':' && !in_string) ++colons;
  }
  return colons;
}

std::uint64_t CountMembers(io::JsonView root) {
  std::uint64_t members = 0;
  std::vector<io::JsonView> open = {root};
  while (!open.empty()) {
    const io::JsonView view = open.back();
    open.pop_back();
    if (view.IsObject()) members += view.Size();
    for (const io::JsonView child : view)
      if (child.IsObject() || child.IsArray()) open.push_back(child);
  }
  return members;
}

// Go's simple case folding of keys: ASCII, and the two letters outside of it that fold into it.
std::string Fold(std::string_view key) {
  constexpr std::string_view kLongS = "\xc5\xbf", kKelvin = "\xe2\x84\xaa";
  std::string folded;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i).starts_with(kLongS)) {
      folded += 's';
      i += kLongS.size() - 1;
    } else if (key.substr(i).starts_with(kKelvin)) {
      folded += 'k';
      i += kKelvin.size() - 1;
    } else {
      folded += key[i] >= 'A' && key[i] <= 'Z' ? static_cast<char>(key[i] + 32) : key[i];
    }
  }
  return folded;
}

}  // namespace

Result<io::JsonDocument> ParseStrictJson(std::string_view text, std::span<const std::string_view> known,
                                         const Limits& limits) {
  const io::JsonLimits bounds{.bytes_max = limits.document_bytes_max,
                              .depth_max = static_cast<std::size_t>(limits.document_depth_max)};
  HF_TRY(io::JsonDocument document, io::JsonDocument::Parse(text, bounds));
  const io::JsonView root = document.Root();
  if (!root.IsObject()) return Fail(ErrorKind::kCorrupt, "not a JSON object");
  if (CountColons(text) != CountMembers(root)) return Fail(ErrorKind::kCorrupt, "ambiguous: a key occurs twice");
  for (std::size_t i = 0; i < root.Size(); ++i) {
    const std::string folded = Fold(root.KeyAt(i));
    for (const std::string_view name : known)
      if (folded == Fold(name) && root.KeyAt(i) != name)
        return Fail(ErrorKind::kCorrupt, Format("ambiguous: a key that is '{}' but for its case", name));
  }
  return document;
}

}  // namespace holdfast::image
