#include "image/resolve.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/format.h"
#include "io/sha256.h"

namespace holdfast::image {
namespace {

constexpr int kIndexDepthMax = 4;

bool IsImageConfig(std::string_view type) {
  return type.empty() || type == "application/vnd.oci.image.config.v1+json" ||
         type == "application/vnd.docker.container.image.v1+json" || type == "application/octet-stream";
}

bool HasPlatform(const Descriptor& entry) {
  return entry.platform && !(entry.platform->os.empty() && entry.platform->architecture.empty());
}

bool MayBeImage(const Descriptor& entry) {
  if (entry.attestation) return false;
  // BuildKit's attestations, before they had an annotation.
  return !(entry.platform && entry.platform->os == "unknown" && entry.platform->architecture == "unknown");
}

const Descriptor* BestMatch(const std::vector<const Descriptor*>& entries, const Platform& wanted) {
  const Descriptor* best = nullptr;
  int best_distance = std::numeric_limits<int>::max();
  for (const Descriptor* entry : entries) {
    if (!HasPlatform(*entry)) continue;
    const auto distance = MatchPlatform(wanted, *entry->platform);
    if (!distance || *distance >= best_distance) continue;
    best = entry;
    best_distance = *distance;
  }
  return best;
}

std::string ListPlatforms(const std::vector<const Descriptor*>& entries) {
  std::set<std::string> names;
  for (const Descriptor* entry : entries) names.insert(HasPlatform(*entry) ? entry->platform->Text() : "unknown");
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list.empty() ? "none" : list;
}

Result<Descriptor> ChooseEntry(const Index& index, DocumentReader& documents, const std::optional<Platform>& wanted) {
  std::vector<const Descriptor*> all, present;
  for (const Descriptor& entry : index.manifests) {
    if (!MayBeImage(entry)) continue;
    all.push_back(&entry);
    // An archive may hold an index whole, but the image of one platform only.
    if (documents.MayHave(entry)) present.push_back(&entry);
  }
  const Platform platform = wanted.value_or(Platform::Host());
  if (const Descriptor* best = BestMatch(present, platform)) return *best;
  // The only one there is: what else could be meant? Its platform is judged when its config is read.
  if (present.size() == 1 && (!wanted || !HasPlatform(*present[0]))) return *present[0];
  const auto nameless = std::ranges::count_if(present, [](const Descriptor* entry) { return !HasPlatform(*entry); });
  if (nameless > 1)
    return Fail(ErrorKind::kInvalidInput, Format("the index lists {} images without naming their platforms", nameless));
  if (nameless == 1) return **std::ranges::find_if(present, [](const auto* entry) { return !HasPlatform(*entry); });
  return Fail(ErrorKind::kNotFound,
              Format("no image for platform {}; there are: {}", platform.Text(), ListPlatforms(all)));
}

// Many configs leave out the variant and the version, though the index that led here named them.
Result<void> CheckPlatform(const Config& config, const std::optional<Platform>& wanted) {
  if (!wanted || config.platform.architecture.empty()) return {};
  Platform loosely = *wanted;
  if (config.platform.variant.empty()) loosely.variant.clear();
  if (config.platform.os_version.empty()) loosely.os_version.clear();
  if (MatchPlatform(loosely, config.platform)) return {};
  return Fail(ErrorKind::kNotFound,
              Format("no image for platform {}; there are: {}", wanted->Text(), config.platform.Text()));
}

Result<std::string> ReadVerified(DocumentReader& documents, const Descriptor& at, const Limits& limits) {
  if (at.size_bytes > limits.document_bytes_max)
    return Fail(ErrorKind::kLimit,
                Format("{} has {} bytes, limit {}", at.digest.Short(), at.size_bytes, limits.document_bytes_max));
  HF_TRY(std::string text, documents.ReadDocument(at));
  HF_CHECK_OK(VerifyDocument(text, at));
  return text;
}

}  // namespace

Result<void> VerifyDocument(std::string_view bytes, const Descriptor& stated) {
  if (bytes.size() != stated.size_bytes)
    return Fail(ErrorKind::kCorrupt,
                Format("{} has {} bytes, but {} are stated", stated.digest.Short(), bytes.size(), stated.size_bytes));
  const Digest digest(io::Sha256Of(bytes));
  if (digest != stated.digest)
    return Fail(ErrorKind::kCorrupt, Format("the content of {} has digest {}", stated.digest.Text(), digest.Text()));
  return {};
}

Result<ResolvedImage> ResolveImage(DocumentReader& documents, const Descriptor& root,
                                   const std::optional<Platform>& wanted, const Limits& limits) {
  ResolvedImage image{.manifest_at = root};
  for (int depth = 0; depth <= kIndexDepthMax; ++depth) {
    const std::string frame = Format("reading manifest {}", image.manifest_at.digest.Short());
    HF_TRY_IN(frame, const std::string text, ReadVerified(documents, image.manifest_at, limits));
    HF_TRY_IN(frame, Document document, ParseDocument(text, image.manifest_at.media_type, limits));
    if (const Index* index = std::get_if<Index>(&document)) {
      HF_TRY(image.manifest_at, ChooseEntry(*index, documents, wanted));
      continue;
    }
    image.manifest = std::get<Manifest>(std::move(document));
    if (!IsImageConfig(image.manifest.config.media_type))
      return Fail(ErrorKind::kUnsupported, Format("not a container image: its config is of type '{}'",
                                                  image.manifest.config.media_type.substr(0, 200)));
    const std::string config_frame = Format("reading config {}", image.manifest.config.digest.Short());
    HF_TRY_IN(config_frame, const std::string config, ReadVerified(documents, image.manifest.config, limits));
    HF_TRY_IN(config_frame, image.config, ParseConfig(config, limits));
    HF_CHECK_OK(CheckPlatform(image.config, wanted));
    return image;
  }
  return Fail(ErrorKind::kLimit, Format("more than {} indexes in each other", kIndexDepthMax));
}

Result<StatedLayers> LayersOf(const ResolvedImage& image) {
  const auto& layers = image.manifest.layers;
  const auto& diff_ids = image.config.diff_ids;
  if (layers.size() != diff_ids.size())
    return Fail(ErrorKind::kCorrupt,
                Format("the manifest lists {} layers, the config {}", layers.size(), diff_ids.size()));
  StatedLayers stated;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].IsForeign()) {
      stated.problems.push_back(
          {"", ErrorKind::kUnsupported,
           Format("foreign layer {} is not in the image and was left out", layers[i].digest.Text())});
      continue;
    }
    stated.layers.push_back({.key = layers[i].digest.Text(),
                             .digest = layers[i].digest,
                             .diff_id = diff_ids[i],
                             .media_type = layers[i].media_type,
                             .size_bytes = layers[i].size_bytes});
  }
  return stated;
}

void DescribeConfig(const Config& config, model::ImageSource& source) {
  source.architecture = config.platform.architecture;
  source.os = config.platform.os;
  source.variant = config.platform.variant;
  source.created = config.created;
  source.labels = config.labels;
}

void DescribeImage(const ResolvedImage& image, model::ImageSource& source) {
  source.manifest_digest = image.manifest_at.digest.Text();
  source.image_id = image.manifest.config.digest.Text();
  DescribeConfig(image.config, source);
}

}  // namespace holdfast::image
