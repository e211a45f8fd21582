// DirectoryTar: a folder as the bytes of a tar, made while they are read.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/result.h"
#include "image/directory_source.h"
#include "io/byte_source.h"

namespace holdfast::image {

class DirectoryTar final : public io::ByteSource {
 public:
  // `options` and `problems` outlive the object; what goes wrong with one file goes there.
  DirectoryTar(const DirectoryOptions& options, std::vector<Problem>& problems)
      : options_(options), problems_(problems), buffer_(kBufferBytes) {}
  ~DirectoryTar() override;

  // One of the two, once. kNotFound, kDenied, kInvalidInput.
  [[nodiscard]] Result<void> BeginFolder(const std::filesystem::path& folder);
  [[nodiscard]] Result<void> BeginFile(const std::filesystem::path& file);

  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override;

 private:
  static constexpr std::size_t kBufferBytes = 256 * 1024;

  struct Folder {
    int descriptor = -1;
    dev_t device = 0;
    std::string path;                // with a slash at its end, unless empty
    std::vector<std::string> names;  // sorted backwards: the next one is last
  };

  Result<void> Advance();
  void TakeEntry(const Folder& folder, const std::string& name);
  void TakeFolder(const Folder& parent, const std::string& name, const std::string& path);
  void TakeFile(int descriptor, const std::string& path, const struct stat& status);
  void PutHeader(const std::string& path, const struct stat& status, std::string link_target, std::uint64_t size_bytes);
  void ReadContent();
  void Report(const std::string& path, ErrorKind kind, std::string message);
  void ReportErrno(const std::string& path, int error);
  [[nodiscard]] bool IsExcluded(std::string_view path) const;

  const DirectoryOptions& options_;
  std::vector<Problem>& problems_;
  std::vector<Folder> open_;
  std::vector<std::uint8_t> buffer_;
  std::string pending_;  // headers and padding
  std::size_t pending_at_ = 0;
  Bytes content_;  // in buffer_

  int file_ = -1;
  std::string file_path_;
  std::uint64_t file_left_ = 0, file_size_ = 0;
  bool file_short_ = false;
  bool ended_ = false;
};

}  // namespace holdfast::image
