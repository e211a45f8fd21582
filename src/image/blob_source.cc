#include "image/blob_source.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/format.h"

namespace holdfast::image {

BlobSource::BlobSource(std::vector<RegistryClient*> hosts, const Digest& digest, std::uint64_t size_bytes)
    : hosts_(std::move(hosts)), digest_(digest), size_bytes_(size_bytes) {
  retries_.emplace(Here().Context().options.retry, Here().Context().pacer);
}

Result<void> BlobSource::Connect(std::optional<std::int64_t>& retry_after_ms) {
  HF_TRY(auto response, Here().FetchOnce({.what = "blobs/" + digest_.Text(), .from_byte = at_}, retry_after_ms));
  skip_ = 0;
  if (response.status == 200) {
    skip_ = at_;
  } else {
    // "bytes 100-199/200": anything but a range that begins where we stopped is of no use.
    const auto range = response.headers.Find("Content-Range").value_or("");
    if (!range.starts_with(Format("bytes {}-", at_)))
      return Fail(ErrorKind::kCorrupt, Format("{} sends another range than was asked for", Here().Host()));
  }
  body_ = std::move(response.body);
  return {};
}

Result<Bytes> BlobSource::Read(std::size_t max) {
  while (skip_ > 0) {
    HF_TRY(const Bytes view, body_->Next(static_cast<std::size_t>(std::min<std::uint64_t>(skip_, io::kAnySize))));
    if (view.empty()) return Fail(ErrorKind::kUnavailable, "the blob has become shorter");
    skip_ -= view.size();
  }
  HF_TRY(const Bytes view, body_->Next(max));
  if (view.empty() && at_ < size_bytes_)
    return Fail(ErrorKind::kUnavailable, Format("{} bytes came, but {} are stated", at_, size_bytes_));
  return view;
}

Result<Bytes> BlobSource::ReadFromHost(std::size_t max) {
  while (true) {
    std::optional<std::int64_t> retry_after_ms;
    Result<Bytes> view = Bytes{};
    if (body_ == nullptr) {
      if (const auto connected = Connect(retry_after_ms); !connected) view = std::unexpected(connected.error());
    }
    if (view) view = Read(max);
    if (view) return view;
    body_.reset();
    const bool again = view.error().Kind() == ErrorKind::kUnavailable;
    if (again) Here().Context().logger.Debug(Format("{}: {}", digest_.Short(), view.error().Message()));
    if (!again || !retries_->Wait(retry_after_ms)) return view;
  }
}

bool BlobSource::GoToNextHost(const Error& error) {
  if (host_ + 1 >= hosts_.size()) return false;
  Logger& logger = Here().Context().logger;
  logger.Info(Format("mirror {}: {}", Here().Host(), error.Message()));
  if (error.Kind() == ErrorKind::kUnavailable) Here().GiveUp();
  ++host_;
  logger.Info(Format("{}: going on with {} from byte {}", digest_.Short(), Here().Host(), at_));
  retries_.emplace(Here().Context().options.retry, Here().Context().pacer);
  return true;
}

Result<Bytes> BlobSource::Next(std::size_t max) {
  if (error_) return std::unexpected(*error_);
  while (true) {
    auto view = ReadFromHost(max);
    if (view) {
      at_ += view->size();
      if (!view->empty()) retries_->Progress();
      if (first_server_ == nullptr) first_server_ = &Here();
      return view;
    }
    if (GoToNextHost(view.error())) continue;
    error_ = view.error();
    return view;
  }
}

}  // namespace holdfast::image
