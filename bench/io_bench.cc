// The hot paths of a walk, each beside what it is measured against: two SHA-256 by one schedule against one and
// against two of OpenSSL's; decompression; claims per path.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "catalog/builtin/builtin.h"
#include "catalog/claim_index.h"
#include "catalog/distro.h"
#include "io/decompress.h"
#include "io/paired_sha256.h"
#include "io/sha256.h"

namespace holdfast {
namespace {

constexpr std::size_t kBytes = 16 * kMiB;

const std::string& Data() {
  static const std::string& data = *[] {
    auto* text = new std::string;
    std::mt19937 random(1);
    while (text->size() < kBytes) text->append(std::to_string(random())).append("static library path\n");
    text->resize(kBytes);
    return text;
  }();
  return data;
}

void CountBytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

void OneHashOfOpenSsl(benchmark::State& state) {
  io::Sha256 hash;
  for (auto _ : state) {
    hash.Update(AsBytes(Data()));
    benchmark::DoNotOptimize(hash.Finish());
  }
  CountBytes(state, kBytes);
}
BENCHMARK(OneHashOfOpenSsl);

void TwoHashesOfOpenSsl(benchmark::State& state) {
  io::Sha256 a, b;
  for (auto _ : state) {
    a.Update(AsBytes(Data()));
    b.Update(AsBytes(Data()));
    benchmark::DoNotOptimize(a.Finish());
    benchmark::DoNotOptimize(b.Finish());
  }
  CountBytes(state, kBytes);
}
BENCHMARK(TwoHashesOfOpenSsl);

void TwoHashesByOneSchedule(benchmark::State& state) {
  io::BlockSha256 a, b;
  for (auto _ : state) {
    io::BlockSha256::UpdateBoth(a, b, AsBytes(Data()));
    benchmark::DoNotOptimize(a.Finish());
    benchmark::DoNotOptimize(b.Finish());
  }
  CountBytes(state, kBytes);
}
BENCHMARK(TwoHashesByOneSchedule);

void Unzstd(benchmark::State& state) {
  const std::string packed = io::CompressZstd(AsBytes(Data()));
  for (auto _ : state) {
    io::MemorySource source(packed, 256 * 1024);
    const auto decompressor = io::OpenDecompressor(source, {});
    benchmark::DoNotOptimize((*decompressor)->Drain());
  }
  CountBytes(state, kBytes);
}
BENCHMARK(Unzstd);

void ClaimsOfAPath(benchmark::State& state) {
  const auto catalogers = catalog::BuiltinCatalogers();
  const catalog::ClaimIndex claims(catalogers, catalog::DistroClaims(), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(claims.Match("usr/lib/x86_64-linux-gnu/perl/5.36.0/auto/Storable/Storable.so"));
    benchmark::DoNotOptimize(claims.Match("usr/share/nodejs/lodash/fp/package.json"));
  }
}
BENCHMARK(ClaimsOfAPath);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
