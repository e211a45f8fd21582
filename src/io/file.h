// Files and descriptors as byte sources and sinks.
#pragma once

#include <filesystem>
#include <memory>

#include "base/deadline.h"
#include "base/result.h"
#include "io/byte_source.h"

namespace holdfast::io {

// Reads a descriptor that somebody else closes: a pipe, standard input. kLimit when the deadline passes while nothing
// comes, or between two reads.
class DescriptorSource final : public ByteSource {
 public:
  explicit DescriptorSource(int descriptor, const Deadline& deadline = {});
  ~DescriptorSource() override;
  [[nodiscard]] Result<Bytes> Next(std::size_t max = kAnySize) override;

 private:
  int descriptor_;
  Deadline deadline_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  Bytes rest_;
};

// A file, front to back; or a named pipe, whose writer is awaited at the first read, not here. kNotFound, kDenied, or
// kUnavailable, with the path in the message; the source has the errors of DescriptorSource.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> OpenFile(const std::filesystem::path& path,
                                                           const Deadline& deadline = {});
// A file at any offset; also one that is not a regular file is refused.
[[nodiscard]] Result<std::unique_ptr<RandomSource>> OpenRandomFile(const std::filesystem::path& path);

// `size` bytes of `file` (which outlives the result) from `offset`, as a stream.
[[nodiscard]] std::unique_ptr<ByteSource> ReadFrom(const RandomSource& file, std::uint64_t offset, std::uint64_t size);

// Writes a descriptor that somebody else closes.
class DescriptorSink final : public ByteSink {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}
  [[nodiscard]] Result<void> Write(Bytes bytes) override;

 private:
  int descriptor_;
};

// Writes a file in one piece: it appears under its name, whole, when Commit returns; else not at all. A name that
// is something else than a file (/dev/null, a pipe) is written as it is: it must not be replaced. A symlink stays
// one: what it leads to is replaced.
class FileWriter final : public ByteSink {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FileWriter>> Create(const std::filesystem::path& path);
  ~FileWriter() override;
  [[nodiscard]] Result<void> Write(Bytes bytes) override;
  [[nodiscard]] Result<void> Commit();

 private:
  FileWriter(std::filesystem::path path, std::filesystem::path temporary, int descriptor)
      : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}
  std::filesystem::path path_, temporary_;  // temporary_ is empty when path_ itself is open
  int descriptor_;
};

// A file in the folder for temporary files ($TMPDIR, else /tmp) that only its owner can read, for what must be a file
// to be read by others' libraries. It is removed with this object; one of a process that was killed stays.
class TemporaryFile final : public ByteSink {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TemporaryFile>> Create();
  ~TemporaryFile() override;
  [[nodiscard]] Result<void> Write(Bytes bytes) override;
  [[nodiscard]] const std::filesystem::path& Path() const { return path_; }

 private:
  TemporaryFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace holdfast::io
