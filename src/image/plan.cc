#include "image/plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/format.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "image/strict_json.h"
#include "io/json.h"
#include "io/sha256.h"

namespace holdfast::image {
namespace {

constexpr std::string_view kBlobs = "blobs/sha256/";

// The text of a document that must be there.
Result<std::string> ReadRequired(Members& members, std::string_view path) {
  const auto resolved = members.Resolve(path);
  if (!resolved) return Fail(ErrorKind::kNotFound, Format("{} is missing", path));
  auto text = members.ReadDocument(*resolved);
  if (!text) return std::unexpected(std::move(text).error().In(path));
  return text;
}

Result<io::JsonDocument> ParseJson(std::string_view text, const Limits& limits) {
  return io::JsonDocument::Parse(
      text, {.bytes_max = limits.document_bytes_max, .depth_max = static_cast<std::size_t>(limits.document_depth_max)});
}

// Are these the same image name, whichever way each is written?
bool SameName(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto left = Reference::Parse(a), right = Reference::Parse(b);
  return left && right && left->Name() == right->Name() && left->TagOrLatest() == right->TagOrLatest();
}

bool MatchesId(std::string_view wanted, const Digest& id) {
  if (wanted.starts_with("sha256:")) wanted.remove_prefix(7);
  return wanted.size() >= 12 && id.Hex().starts_with(wanted);
}

void AddName(std::string_view text, model::ImageSource& source) {
  const auto reference = Reference::Parse(text);
  if (!reference) return;
  if (source.name.empty()) source.name = reference->Name();
  source.tags.push_back(reference->FamiliarName() + ":" + reference->TagOrLatest());
}

std::unexpected<Error> SeveralImages(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
  return Fail(ErrorKind::kInvalidInput, Format("holds several images; name one of: {}", list));
}

// --- index.json ---

class LayoutDocuments final : public DocumentReader {
 public:
  explicit LayoutDocuments(Members& members) : members_(members) {}
  Result<std::string> ReadDocument(const Descriptor& descriptor) override {
    return ReadRequired(members_, std::string(kBlobs) + descriptor.digest.Hex());
  }
  bool MayHave(const Descriptor& descriptor) override {
    return members_.Resolve(std::string(kBlobs) + descriptor.digest.Hex()).has_value();
  }

 private:
  Members& members_;
};

bool HasName(const Descriptor& entry, std::string_view wanted) {
  if (entry.reference_name == wanted || entry.image_name == wanted) return true;
  return SameName(entry.image_name, wanted) || SameName(entry.reference_name, wanted) ||
         MatchesId(wanted, entry.digest);
}

std::string NameOf(const Descriptor& entry) {
  if (!entry.image_name.empty()) return entry.image_name;
  return entry.reference_name.empty() ? entry.digest.Text() : entry.reference_name;
}

// index.json lists images by name and, rarely, the platforms of one image. What is left after the choice
// by name is one image when all entries are the same, or differ in their platforms.
Result<Index> EntriesOfOneImage(Index index, const std::string& wanted) {
  std::erase_if(index.manifests, [](const Descriptor& entry) { return entry.attestation; });
  std::set<std::string> names;
  for (const Descriptor& entry : index.manifests) names.insert(NameOf(entry));
  if (!wanted.empty()) {
    std::erase_if(index.manifests, [&](const Descriptor& entry) { return !HasName(entry, wanted); });
    if (index.manifests.empty()) {
      std::string list;
      for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
      return Fail(ErrorKind::kNotFound, Format("no image '{}'; there are: {}", wanted, list));
    }
  }
  if (index.manifests.empty()) return Fail(ErrorKind::kNotFound, "index.json lists no image");
  std::set<Digest> digests;
  std::set<std::string> platforms;
  for (const Descriptor& entry : index.manifests)
    if (digests.insert(entry.digest).second && entry.platform) platforms.insert(entry.platform->Normalised().Text());
  if (digests.size() > 1 && platforms.size() < digests.size()) return SeveralImages(names);
  return index;
}

// A name that is common to all entries, for the description.
void AddLayoutNames(const Index& index, model::ImageSource& source) {
  for (const Descriptor& entry : index.manifests) {
    if (!entry.image_name.empty()) {
      AddName(entry.image_name, source);
    } else if (entry.reference_name.find_first_of("/:") != std::string::npos) {
      AddName(entry.reference_name, source);
    } else if (!entry.reference_name.empty()) {
      source.tags.push_back(entry.reference_name);
    }
  }
  std::ranges::sort(source.tags);
  source.tags.erase(std::ranges::unique(source.tags).begin(), source.tags.end());
}

Result<Plan> PlanOci(Members& members, const PlanOptions& options) {
  HF_TRY(const std::string text, ReadRequired(members, "index.json"));
  HF_TRY_IN("index.json", const Document document, ParseDocument(text, kOciIndex, options.limits));
  HF_TRY(const Index index, EntriesOfOneImage(std::get<Index>(document), options.image));
  LayoutDocuments documents(members);
  ResolvedImage image;
  const bool one = std::ranges::all_of(
      index.manifests, [&](const Descriptor& entry) { return entry.digest == index.manifests[0].digest; });
  Descriptor root = index.manifests[0];
  if (!one) {
    // The platforms of one image: judged like any index, whose bytes are at hand.
    struct Inline final : DocumentReader {
      Inline(LayoutDocuments& inner, std::string_view bytes, Digest digest)
          : inner_(inner), bytes_(bytes), digest_(digest) {}
      Result<std::string> ReadDocument(const Descriptor& descriptor) override {
        return descriptor.digest == digest_ ? Result<std::string>(bytes_) : inner_.ReadDocument(descriptor);
      }
      bool MayHave(const Descriptor& descriptor) override { return inner_.MayHave(descriptor); }
      LayoutDocuments& inner_;
      std::string_view bytes_;
      Digest digest_;
    };
    root = {.media_type = std::string(kOciIndex), .digest = Digest(io::Sha256Of(text)), .size_bytes = text.size()};
    Inline with_index(documents, text, root.digest);
    HF_TRY(image, ResolveImage(with_index, root, options.platform, options.limits));
  } else {
    HF_TRY(image, ResolveImage(documents, root, options.platform, options.limits));
  }

  Plan plan{.format = ArchiveFormat::kOci};
  DescribeImage(image, plan.source);
  AddLayoutNames(index, plan.source);
  HF_TRY(StatedLayers stated, LayersOf(image));
  plan.problems = std::move(stated.problems);
  for (LayerDescriptor& layer : stated.layers) {
    const auto member = members.Resolve(std::string(kBlobs) + layer.digest->Hex());
    if (!member) return Fail(ErrorKind::kNotFound, Format("layer {} is missing", layer.digest->Text()));
    layer.key = *member;
    plan.layers.push_back(std::move(layer));
  }
  return plan;
}

// --- manifest.json ---

struct SavedImage {
  std::string config;
  std::vector<std::string> names, layers;
};

Result<std::vector<SavedImage>> ParseSaved(std::string_view text, const Limits& limits) {
  HF_TRY(const io::JsonDocument document, ParseJson(text, limits));
  if (!document.Root().IsArray()) return Fail(ErrorKind::kCorrupt, "not a list of images");
  std::vector<SavedImage> images;
  std::uint64_t layers = 0;
  for (const io::JsonView item : document.Root()) {
    SavedImage image{.config = std::string(item["Config"].StringOr(""))};
    if (image.config.empty()) return Fail(ErrorKind::kCorrupt, "an image without config");
    for (const io::JsonView name : item["RepoTags"]) image.names.emplace_back(name.StringOr(""));
    for (const io::JsonView layer : item["Layers"]) image.layers.emplace_back(layer.StringOr(""));
    layers += image.layers.size();
    if (layers > limits.layers_max) return Fail(ErrorKind::kLimit, Format("more than {} layers", limits.layers_max));
    images.push_back(std::move(image));
  }
  if (images.empty()) return Fail(ErrorKind::kNotFound, "manifest.json lists no image");
  return images;
}

// Configs are named by their digest: "<hex>.json", "blobs/sha256/<hex>", "sha256:<hex>".
std::optional<Digest> DigestInName(std::string_view name) {
  if (name.ends_with(".json")) name.remove_suffix(5);
  name = name.substr(name.find_last_of("/:") + 1);
  const auto value = Sha256Value::FromHex(name);
  return value ? std::optional(Digest(*value)) : std::nullopt;
}

bool IsSaved(const SavedImage& image, std::string_view wanted) {
  if (std::ranges::any_of(image.names, [&](const std::string& name) { return SameName(name, wanted); })) return true;
  const auto id = DigestInName(image.config);
  return id && MatchesId(wanted, *id);
}

Result<SavedImage> ChooseSaved(std::vector<SavedImage> images, const std::string& wanted) {
  std::set<std::string> names, configs;
  for (const SavedImage& image : images) {
    names.insert(image.names.begin(), image.names.end());
    if (image.names.empty()) names.insert(image.config);
  }
  if (!wanted.empty()) {
    std::erase_if(images, [&](const SavedImage& image) { return !IsSaved(image, wanted); });
    if (images.empty()) {
      std::string list;
      for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
      return Fail(ErrorKind::kNotFound, Format("no image '{}'; there are: {}", wanted, list));
    }
  }
  for (const SavedImage& image : images) configs.insert(image.config);
  if (configs.size() > 1) return SeveralImages(names);
  SavedImage chosen = images[0];
  for (std::size_t i = 1; i < images.size(); ++i) {
    if (images[i].layers != chosen.layers) return SeveralImages(names);
    chosen.names.insert(chosen.names.end(), images[i].names.begin(), images[i].names.end());
  }
  return chosen;
}

Result<Plan> PlanDocker(Members& members, const PlanOptions& options) {
  HF_TRY(const std::string text, ReadRequired(members, "manifest.json"));
  HF_TRY_IN("manifest.json", auto images, ParseSaved(text, options.limits));
  HF_TRY(const SavedImage image, ChooseSaved(std::move(images), options.image));
  HF_TRY(const std::string config_text, ReadRequired(members, image.config));
  HF_TRY_IN(image.config, const Config config, ParseConfig(config_text, options.limits));
  const Digest id = Digest(io::Sha256Of(config_text));
  if (const auto named = DigestInName(image.config); named && *named != id)
    return Fail(ErrorKind::kCorrupt, Format("the content of {} has digest {}", image.config, id.Text()));
  if (config.diff_ids.size() != image.layers.size())
    return Fail(ErrorKind::kCorrupt,
                Format("manifest.json lists {} layers, the config {}", image.layers.size(), config.diff_ids.size()));
  if (options.platform && !config.platform.architecture.empty() && !MatchPlatform(*options.platform, config.platform))
    return Fail(ErrorKind::kNotFound,
                Format("no image for platform {}; there are: {}", options.platform->Text(), config.platform.Text()));
  Plan plan;
  plan.source.image_id = id.Text();
  DescribeConfig(config, plan.source);
  for (const std::string& name : image.names) AddName(name, plan.source);
  for (std::size_t i = 0; i < image.layers.size(); ++i) {
    const auto member = members.Resolve(image.layers[i]);
    if (!member) return Fail(ErrorKind::kNotFound, Format("layer {} is missing", image.layers[i]));
    LayerDescriptor layer{.key = *member, .diff_id = config.diff_ids[i], .size_bytes = members.SizeBytes(*member)};
    if (member->starts_with(kBlobs)) layer.digest = DigestInName(*member);
    layer.media_type = kOciLayerTar;
    plan.layers.push_back(std::move(layer));
  }
  return plan;
}

// --- repositories ---

// name → tag → id of the top layer
Result<std::string> ChooseTop(io::JsonView repositories, const std::string& wanted, model::ImageSource& source) {
  std::set<std::string> names, tops;
  for (std::size_t i = 0; i < repositories.Size(); ++i) {
    const io::JsonView tags = repositories.At(i);
    for (std::size_t tag = 0; tag < tags.Size(); ++tag) {
      const std::string name = Format("{}:{}", repositories.KeyAt(i), tags.KeyAt(tag));
      names.insert(name);
      if (!wanted.empty() && !SameName(name, wanted)) continue;
      tops.insert(std::string(tags.At(tag).StringOr("")));
      AddName(name, source);
    }
  }
  if (tops.empty()) return Fail(ErrorKind::kNotFound, Format("no image '{}' in repositories", wanted));
  if (tops.size() > 1) return SeveralImages(names);
  return *tops.begin();
}

Result<Plan> PlanLegacy(Members& members, const PlanOptions& options) {
  HF_TRY(const std::string text, ReadRequired(members, "repositories"));
  HF_TRY_IN("repositories", const io::JsonDocument repositories, ParseJson(text, options.limits));
  Plan plan;
  HF_TRY(std::string id, ChooseTop(repositories.Root(), options.image, plan.source));
  std::set<std::string> seen;
  while (!id.empty()) {
    if (!Sha256Value::FromHex(id)) return Fail(ErrorKind::kCorrupt, "a layer id that is not hexadecimal");
    if (!seen.insert(id).second) return Fail(ErrorKind::kCorrupt, "the layers' parents form a circle");
    if (seen.size() > options.limits.layers_max)
      return Fail(ErrorKind::kLimit, Format("more than {} layers", options.limits.layers_max));
    HF_TRY(const std::string json, ReadRequired(members, id + "/json"));
    HF_TRY_IN(id + "/json", const io::JsonDocument document, ParseJson(json, options.limits));
    if (seen.size() == 1) {
      HF_TRY_IN(id + "/json", const Config config, ParseConfig(json, options.limits));
      DescribeConfig(config, plan.source);
    }
    const auto member = members.Resolve(id + "/layer.tar");
    if (!member) return Fail(ErrorKind::kNotFound, Format("layer {} is missing", id));
    plan.layers.push_back(
        {.key = *member, .media_type = std::string(kOciLayerTar), .size_bytes = members.SizeBytes(*member)});
    id = document.Root()["parent"].StringOr("");
  }
  std::ranges::reverse(plan.layers);
  return plan;
}

// --- both ---

// `docker save` since 25: manifest.json says what Docker loads, index.json adds the manifest's digest.
Result<Plan> PlanBoth(Members& members, const PlanOptions& options) {
  auto docker = PlanDocker(members, options);
  auto oci = PlanOci(members, options);
  if (!docker) {
    // Another platform than the one that manifest.json knows of, or a name that only index.json has.
    if (docker.error().Kind() == ErrorKind::kNotFound && oci) return oci;
    return docker;
  }
  if (!oci) return docker;
  if (oci->source.image_id == docker->source.image_id) {
    docker->source.manifest_digest = oci->source.manifest_digest;
    return docker;
  }
  docker->problems.push_back({"", ErrorKind::kCorrupt,
                              Format("manifest.json describes image {}, index.json image {}: the former was read",
                                     docker->source.image_id, oci->source.image_id)});
  return docker;
}

}  // namespace

Result<Plan> MakePlan(Members& members, const PlanOptions& options) {
  const bool saved = members.Resolve("manifest.json").has_value();
  const bool layout = members.Resolve("index.json").has_value();
  const bool legacy = members.Resolve("repositories").has_value();
  switch (options.format) {
    case ArchiveFormat::kOci: return PlanOci(members, options);
    case ArchiveFormat::kDocker:
    case ArchiveFormat::kAny: break;
  }
  if (saved && layout) return PlanBoth(members, options);
  if (saved) return PlanDocker(members, options);
  if (layout && options.format == ArchiveFormat::kAny) return PlanOci(members, options);
  if (legacy) return PlanLegacy(members, options);
  return Fail(ErrorKind::kNotFound, "neither manifest.json nor index.json: no image in it");
}

}  // namespace holdfast::image
