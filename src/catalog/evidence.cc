#include "catalog/evidence.h"

#include "base/wire.h"

namespace holdfast::catalog {

std::string EncodeParts(const Parts& parts) {
  WireWriter writer;
  writer.Unsigned(parts.size());
  for (const Part& part : parts) writer.Text(part.name).Text(part.bytes);
  return writer.Take();
}

Result<Parts> DecodeParts(std::string_view bytes) {
  WireReader reader(bytes);
  const std::uint64_t count = reader.Count(2);
  Parts parts;
  parts.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count && reader.Ok(); ++i) {
    Part part;
    part.name = reader.Text();
    part.bytes = reader.Text();
    parts.push_back(std::move(part));
  }
  HF_CHECK_OK(reader.Finish("archive or executable parts"));
  return parts;
}

Result<Parts> EvidenceTree::ReadParts(const EvidenceFile& file, std::uint64_t bytes_max) const {
  HF_TRY(const std::string bytes, Read(file, bytes_max));
  return DecodeParts(bytes);
}

}  // namespace holdfast::catalog
