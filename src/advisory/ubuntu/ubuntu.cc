#include "advisory/ubuntu/ubuntu.h"

#include "advisory/oval.h"
#include "advisory/ubuntu/forms.h"
#include "advisory/ubuntu/statements.h"
#include "base/format.h"

namespace holdfast::advisory {

bool IsUbuntuCve(std::string_view id) {
  return id.starts_with("CVE-") && id.size() > 4 && id.size() <= kUbuntuIdBytesMax &&
         id.find_first_not_of("0123456789-", 4) == std::string_view::npos;
}

model::Advisory AboutUbuntuCve(std::string_view cve) {
  model::Advisory about;
  about.id = Format("UBUNTU-{}", cve);
  about.source = "ubuntu";
  about.related = {std::string(cve)};
  about.references = {{"ADVISORY", Format("https://ubuntu.com/security/{}", cve)}};
  return about;
}

model::Advisory AboutUbuntuNotice(std::string_view id) {
  model::Advisory about;
  about.id = id;
  about.source = "ubuntu";
  about.references = {{"ADVISORY", Format("https://ubuntu.com/security/notices/{}", id)}};
  return about;
}

void AddUbuntuCvss(std::string_view vector, std::string_view source, model::Advisory& about) {
  constexpr std::size_t kVectorBytesMax = 512;
  if (!vector.starts_with("CVSS:") || vector.size() < 9 || vector.size() > kVectorBytesMax) return;
  about.cvss.push_back({std::string(vector.substr(5, 3)), std::string(vector), std::string(source)});
}

namespace {

UbuntuReader FindReader(const Document& document) {
  if (document.notation == Notation::kText) return LooksLikeUbuntuTracker(document.text) ? &ReadUbuntuTracker : nullptr;
  if (document.notation == Notation::kJson) return FindUbuntuJsonReader(document.root);
  if (IsOvalOf(document, "Canonical CVE OVAL Generator")) return &ReadUbuntuCveOval;
  if (IsOvalOf(document, "Canonical USN OVAL Generator")) return &ReadUbuntuNoticeOval;
  return IsOvalOf(document, "Canonical Package OVAL Generator") ? &ReadUbuntuPackageOval : nullptr;
}

class UbuntuProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "ubuntu"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return FindReader(document) != nullptr; }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    const UbuntuReader read = FindReader(document);
    if (read == nullptr) return Fail(ErrorKind::kUnsupported, "none of Ubuntu's forms");
    return read(document, {statements_, sink});
  }
  void Finish(AdvisorySink& sink) override { statements_.Give(sink); }

 private:
  UbuntuStatements statements_;
};

}  // namespace

std::unique_ptr<Provider> MakeUbuntuProvider() { return std::make_unique<UbuntuProvider>(); }

}  // namespace holdfast::advisory
