// A database of RPM in NDB format; every header in it is parsed.
#include <cstdint>

#include "catalog/rpm/database.h"
#include "catalog/rpm/header.h"
#include "catalog/rpm/package.h"

namespace holdfast {
namespace {

class Sink final : public catalog::RpmHeaderSink {
 public:
  bool Add(Bytes bytes) override {
    total_ += bytes.size();
    if (const auto header = catalog::RpmHeader::Parse(bytes))
      if (const auto package = catalog::ParseRpmPackage(*header, {"", distro_}, budget_))
        HF_ASSERT(!package->name.empty() && !package->version.empty());
    return true;
  }
  void Problem(const Error& error) override { HF_ASSERT(!error.Message().empty()); }
  [[nodiscard]] std::uint64_t Total() const { return total_; }

 private:
  std::uint64_t total_ = 0;
  model::Distro distro_;
  catalog::RpmBudget budget_;
};

}  // namespace
}  // namespace holdfast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const holdfast::io::MemoryRandomSource file({data, size});
  holdfast::Sink sink;
  (void)holdfast::catalog::ReadRpmNdb(file, sink);
  // No byte of the file is handed out twice.
  HF_ASSERT(sink.Total() <= 2 * size);
  return 0;
}
