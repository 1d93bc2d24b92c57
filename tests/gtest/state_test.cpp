// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/gtest/state.hpp>
#include <berth/report/run_folder.hpp>
#include <tests/support/temp_dir.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace berth {
namespace {

class StateOfTheRun : public ::testing::Test {
  protected:
    void SetUp() override {
        StateFile state;
        state.project = "shop";
        StateFile::ServiceState db;
        db.host = "127.0.0.1";
        db.ports["5432/tcp"] = {"127.0.0.1", 32771};
        state.services = {{"database", db}};
        state.exports["DATABASE_URL"] = "postgresql://db";
        write_private_file(folder_.file("state.json"), state_file_json(state));
        ::setenv("BERTH_STATE", folder_.file("state.json").c_str(), 1);
    }
    void TearDown() override { ::unsetenv("BERTH_STATE"); }

    support::TempDir folder_;
};

TEST_F(StateOfTheRun, IsWhatBerthRunWrote) {
    EXPECT_EQ(testing::state().exports.at("DATABASE_URL"), "postgresql://db");
    EXPECT_EQ(testing::state_of("database").ports.at("5432/tcp").port, 32771);
}

TEST_F(StateOfTheRun, GuessesWhichServiceIsMeant) {
    try {
        testing::state_of("databse");
        FAIL() << "there is no such service";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "error[BE0505]: 'databse' is not a service; did you mean 'database'?");
    }
}

}  // namespace
}  // namespace berth
