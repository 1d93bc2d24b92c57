// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest/global.hpp>
#include <berth/yaml/reader.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace berth::testing {
namespace {

namespace fs = std::filesystem;

class Registered : public ::testing::Environment {
  public:
    Registered(Slot& slot, std::function<Declared()> declare) : slot_(slot), declare_(std::move(declare)) {}

    void SetUp() override { slot_.set_up(declare_); }
    void TearDown() override { slot_.tear_down(::testing::UnitTest::GetInstance()->Failed()); }

  private:
    Slot& slot_;
    std::function<Declared()> declare_;
};

std::string found_from(const char* source_file, const std::string& path) {
    std::error_code not_there;
    if (fs::path(path).is_absolute() || fs::exists(path, not_there)) {
        return path;
    }
    const fs::path beside = fs::path(source_file).parent_path() / path;
    // Neither: the reader's error then names the path as it was written.
    return fs::exists(beside, not_there) ? beside.lexically_normal().string() : path;
}

}  // namespace

Declared declare(const char* source_file, const std::string& path, Options options) {
    return {[path = found_from(source_file, path)] { return read_spec(path); }, std::move(options)};
}

Declared declare(const char*, EnvironmentSpec spec, Options options) {
    return {[spec = std::move(spec)] { return spec; }, std::move(options)};
}

GlobalEnvironment::GlobalEnvironment(const char* name, std::function<Declared()> declare, Caller caller)
    // Never destroyed, so that exit() in the forked child of a death test runs no destructor of an environment.
    : slot_(new Slot(Slot::Scope::program, std::string("environment '") + name + '\'', caller.origin())) {
    ::testing::AddGlobalTestEnvironment(new Registered(*slot_, std::move(declare)));  // owned by GoogleTest
}

}  // namespace berth::testing
