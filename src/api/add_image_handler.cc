#include "api/add_image_handler.h"

#include <optional>
#include <string>

#include "api/archive_handlers.h"
#include "api/call_account.h"
#include "api/error_response.h"
#include "api/image_json.h"
#include "api/import_handlers.h"
#include "base/clock.h"
#include "base/format.h"
#include "service/images.h"
#include "service/registries.h"

namespace holdfast::api {
namespace {

// What the body asks for, whichever style it is written in.
struct Wanted {
  std::string pull;  // a reference with a tag or a digest
  std::string tag;   // of a digest: the full tag it is known under
  std::optional<std::string> dockerfile, created_at, annotations;
  bool by_digest = false;
};

std::optional<std::string> Optional(io::JsonView view) {
  const auto text = view.String();
  return text && !text->empty() ? std::optional(std::string(*text)) : std::nullopt;
}

std::optional<std::string> AnnotationsOf(io::JsonView view) {
  if (!view.IsObject()) return std::nullopt;
  io::JsonWriter writer;
  writer.BeginObject();
  for (std::size_t i = 0; i < view.Size(); ++i) writer.Field(view.KeyAt(i), view.At(i).StringOr(""));
  writer.EndObject();
  return writer.Take();
}

// The style of the first API: everything at the top.
Result<Wanted> ReadLegacy(io::JsonView body) {
  Wanted wanted{.dockerfile = Optional(body["dockerfile"]), .created_at = Optional(body["created_at"])};
  const auto digest = Optional(body["digest"]);
  const auto tag = Optional(body["tag"]);
  if (digest && !tag) return Fail(ErrorKind::kInvalidInput, "a digest needs a tag beside it");
  if (!tag) return Fail(ErrorKind::kInvalidInput, "the body names no image: tag, digest or source is needed");
  wanted.by_digest = digest.has_value();
  wanted.tag = *tag;
  wanted.pull = digest.value_or(*tag);
  return wanted;
}

Result<Wanted> ReadSource(io::JsonView source) {
  if (const io::JsonView tag = source["tag"]; tag.IsObject())
    return Wanted{.pull = std::string(tag["pullstring"].StringOr("")),
                  .tag = std::string(tag["pullstring"].StringOr("")),
                  .dockerfile = Optional(tag["dockerfile"])};
  const io::JsonView digest = source["digest"];
  return Wanted{.pull = std::string(digest["pullstring"].StringOr("")),
                .tag = std::string(digest["tag"].StringOr("")),
                .dockerfile = Optional(digest["dockerfile"]),
                .created_at = Optional(digest["creation_timestamp_override"]),
                .by_digest = true};
}

Result<void> CheckStyle(io::JsonView body) {
  const bool legacy =
      !body["tag"].IsNull() || !body["digest"].IsNull() || !body["dockerfile"].IsNull() || !body["created_at"].IsNull();
  if (legacy && body["source"].IsObject())
    return Fail(ErrorKind::kInvalidInput,
                "source and the old fields tag, digest, dockerfile, created_at exclude each other");
  if (body["source"].IsObject() && body["source"].Size() != 1)
    return Fail(ErrorKind::kInvalidInput, "source has exactly one of tag, digest, archive, import");
  return {};
}

Result<Wanted> ReadWanted(io::JsonView body) {
  HF_TRY(auto wanted, body["source"].IsObject() ? ReadSource(body["source"]) : ReadLegacy(body));
  wanted.annotations = AnnotationsOf(body["annotations"]);
  if (wanted.created_at && !wanted.by_digest)
    return Fail(ErrorKind::kInvalidInput, "a time of creation goes with a tag and a digest only");
  return wanted;
}

// The name under which it is recorded, and what is asked of the registry.
Result<service::ImageName> NameOf(const Wanted& wanted) {
  HF_TRY(auto name, service::ParseImageName(wanted.tag));
  if (!wanted.by_digest) {
    if (name.reference.digest && name.tag.empty())
      return Fail(ErrorKind::kInvalidInput, "a digest needs a tag beside it");
    return name;
  }
  // The digest alone, or a whole reference with it.
  HF_TRY(const auto pull, service::ParseImageName(wanted.pull.starts_with("sha256:")
                                                      ? name.registry + "/" + name.reference.path + "@" + wanted.pull
                                                      : wanted.pull));
  if (!pull.reference.digest) return Fail(ErrorKind::kInvalidInput, "the pullstring of a digest has none");
  if (pull.registry != name.registry || pull.repository != name.repository)
    return Fail(ErrorKind::kInvalidInput, "tag and digest are of different repositories");
  name.reference.digest = pull.reference.digest;
  return name;
}

http::ServerResponse TooLarge(std::uint64_t bytes, std::int64_t bytes_max) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  return ErrorResponse({.status = 400,
                        .message = "the compressed image is larger than max_compressed_image_size_mb allows",
                        .more_detail = [=](io::JsonWriter& writer) {
                          writer.Key("requested_image_compressed_size_mb")
                              .Integer(static_cast<std::int64_t>(bytes) / kMegabyte)
                              .Key("max_compressed_image_size_mb")
                              .Integer(bytes_max / kMegabyte);
                        }});
}

// With force and a digest the image must be there; its tag keeps its time.
Result<std::optional<std::int64_t>> CreationTime(const Services& services, const store::Account& account,
                                                 const Wanted& wanted, const service::ImageName& name, bool force) {
  if (wanted.created_at) {
    HF_TRY(const std::int64_t ms, ParseTime(*wanted.created_at));
    return ms;
  }
  if (!force || !wanted.by_digest) return std::nullopt;
  const auto image = service::GetImage(services.platform, account, name.reference.digest->Text());
  if (!image) return Fail(ErrorKind::kInvalidInput, "force with a digest needs an image that is known already");
  for (const store::ImageTag& tag : image->tags)
    if (tag.FullTag() == name.FullTag()) return tag.detected_at;
  return std::nullopt;
}

}  // namespace

Result<http::ServerResponse> AddImage(Context& context, const Call& call) {
  Services& services = context.Use();
  HF_TRY(const auto account, AccountOf(context, call));
  HF_CHECK_OK(CheckStyle(call.body));
  const io::JsonView source = call.body["source"];
  if (source["import"].IsObject())
    return AddImportedImage(context, call, account, source["import"], AnnotationsOf(call.body["annotations"]));
  if (source["archive"].IsObject())
    return RestoreArchivedImage(context, account, source["archive"]["digest"].StringOr(""));
  HF_TRY(const auto wanted, ReadWanted(call.body));
  HF_TRY(const auto name, NameOf(wanted));
  const bool force = call.params.Bool("force");
  HF_TRY(const auto created_at, CreationTime(services, account, wanted, name, force));
  HF_TRY(const auto login, service::FindLogin(services.platform, account.id, name.registry, name.repository));
  const auto coming = services.platform.adder != nullptr ? services.platform.adder->Announce() : nullptr;
  const auto remote = services.registries.Inspect(name.reference, login);
  if (!remote) return RegistryErrorResponse(remote.error());
  const std::int64_t bytes_max = services.settings.compressed_bytes_max;
  if (bytes_max >= 0 && remote->compressed_bytes > static_cast<std::uint64_t>(bytes_max))
    return TooLarge(remote->compressed_bytes, bytes_max);
  HF_TRY(const auto image, service::AddImage(services.platform, account, name, *remote,
                                             {.dockerfile = wanted.dockerfile,
                                              .annotations = wanted.annotations,
                                              .created_at = created_at,
                                              .force = force,
                                              .watch_tag = call.params.Bool("autosubscribe"),
                                              .compressed_bytes_max = bytes_max}));
  return JsonResponse(ImageListJson({image}, account.name));
}

}  // namespace holdfast::api
