#include "api/merge_document.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "base/format.h"

namespace holdfast::api {
namespace {

constexpr std::string_view kHead = "main.yaml";

// Members of one object, gathered from several files; the first file's come first.
using Members = std::vector<std::pair<std::string, io::JsonView>>;

Result<void> Gather(io::JsonView from, std::string_view file, Members& to) {
  for (std::size_t i = 0; i < from.Size(); ++i) {
    const std::string_view name = from.KeyAt(i);
    if (std::ranges::any_of(to, [name](const auto& member) { return member.first == name; }))
      return Fail(ErrorKind::kConflict, Format("API document: {} of {} is defined twice", name, file));
    to.emplace_back(name, from.At(i));
  }
  return {};
}

void Write(const Members& members, io::JsonWriter& writer) {
  writer.BeginObject();
  for (const auto& [name, value] : members) {
    writer.Key(name);
    writer.Copy(value);
  }
  writer.EndObject();
}

struct Gathered {
  io::JsonView head;
  Members paths;
  std::map<std::string, Members> components;  // by kind: schemas, parameters, responses …
};

Result<void> GatherFile(io::JsonView root, std::string_view file, Gathered& all) {
  HF_CHECK_OK(Gather(root["paths"], file, all.paths));
  const io::JsonView components = root["components"];
  for (std::size_t i = 0; i < components.Size(); ++i)
    HF_CHECK_OK(Gather(components.At(i), file, all.components[std::string(components.KeyAt(i))]));
  if (file == kHead) all.head = root;
  return {};
}

}  // namespace

Result<std::string> MergeDocument(std::span<const OpenApiFile> files) {
  std::vector<io::JsonDocument> documents;
  documents.reserve(files.size());
  Gathered all;
  for (const OpenApiFile& file : files) {
    HF_TRY_IN(file.name, io::JsonDocument document, io::JsonDocument::ParseYaml(file.content));
    documents.push_back(std::move(document));
    HF_CHECK_OK(GatherFile(documents.back().Root(), file.name, all));
  }
  if (all.head.IsNull()) return Fail(ErrorKind::kCorrupt, Format("API document: {} is missing", kHead));
  io::JsonWriter writer;
  writer.BeginObject();
  for (std::size_t i = 0; i < all.head.Size(); ++i) {
    const std::string_view name = all.head.KeyAt(i);
    if (name == "paths" || name == "components") continue;
    writer.Key(name);
    writer.Copy(all.head.At(i));
  }
  writer.Key("paths");
  Write(all.paths, writer);
  writer.Key("components").BeginObject();
  for (const auto& [kind, members] : all.components) {
    writer.Key(kind);
    Write(members, writer);
  }
  writer.EndObject().EndObject();
  return writer.Take();
}

}  // namespace holdfast::api
