// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/report/run_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace berth {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "berth-run-folder-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
    }
    void TearDown() override { fs::remove_all(root_); }

    static unsigned mode(const std::string& path) {
        struct stat facts {};
        return ::lstat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0;
    }
    static std::string content(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    template <class Call>
    static std::string error_of(Call call) {
        try {
            call();
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    }

    std::string root_;
    const RunId run_{"shop", "7f3a2c91"};
};

TEST_F(RunFolderTest, IsPrivateAndSoAreItsFiles) {
    const RunFolder folder(root_ + "/.berth/runs", run_);
    folder.write("timeline.json", "{}\n");
    folder.write("logs/db.log", "ready\n");

    EXPECT_EQ(folder.path(), root_ + "/.berth/runs/shop-7f3a2c91");
    EXPECT_EQ(mode(folder.path()), 0700U);
    EXPECT_EQ(mode(folder.path() + "/timeline.json"), 0600U);
    EXPECT_EQ(mode(folder.path() + "/logs"), 0700U);
    EXPECT_EQ(content(folder.path() + "/logs/db.log"), "ready\n");
}

TEST_F(RunFolderTest, ReplacesAFileWholeAndLeavesNoOther) {
    const RunFolder folder(root_, run_);
    folder.write("state.json", "the first, which is longer");
    folder.write("state.json", "second");

    EXPECT_EQ(content(folder.path() + "/state.json"), "second");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST_F(RunFolderTest, DoesNotLetANameLeaveIt) {
    const RunFolder folder(root_, run_);

    for (const std::string name : {"../x", "a/../../x", "/etc/x", "", "a/", "."}) {
        EXPECT_EQ(error_of([&] { folder.write(name, "x"); }),
                  "error[BR0802]: cannot write '" + folder.path() + '/' + name +
                      "': the name may not leave the run's folder\n"
                      "  hint: give another place with 'artifacts.dir', or make room there");
    }
}

TEST_F(RunFolderTest, DoesNotFollowALinkPlantedInIt) {
    const RunFolder folder(root_, run_);
    fs::create_directory(root_ + "/elsewhere");
    fs::create_directory_symlink(root_ + "/elsewhere", folder.path() + "/logs");
    fs::create_symlink(root_ + "/elsewhere/target", folder.path() + "/state.json");

    EXPECT_EQ(error_of([&] { folder.write("logs/db.log", "x"); }),
              "error[BR0802]: cannot write '" + folder.path() + "/logs/db.log': '" + folder.path() +
                  "/logs' is no folder\n"
                  "  hint: give another place with 'artifacts.dir', or make room there");
    folder.write("state.json", "mine");
    EXPECT_EQ(content(folder.path() + "/state.json"), "mine");
    EXPECT_TRUE(fs::is_empty(root_ + "/elsewhere"));
}

TEST_F(RunFolderTest, MakesTheFoldersOfAFileThatSomebodyElseWrites) {
    const RunFolder folder(root_, run_);

    EXPECT_EQ(folder.file("artifacts/db/dump.sql"), folder.path() + "/artifacts/db/dump.sql");
    EXPECT_TRUE(fs::is_directory(folder.path() + "/artifacts/db"));
}

TEST_F(RunFolderTest, SaysWhyItCannotBeMade) {
    std::ofstream(root_ + "/file") << "in the way";

    EXPECT_EQ(error_of([&] { const RunFolder folder(root_ + "/file", run_); }),
              "error[BR0801]: cannot make the run folder '" + root_ +
                  "/file/shop-7f3a2c91': Not a directory\n"
                  "  hint: give a folder that can be written to with 'artifacts.dir'");
}

TEST_F(RunFolderTest, RefusesALinkInItsPlace) {
    fs::create_directory(root_ + "/elsewhere");
    fs::create_directory_symlink(root_ + "/elsewhere", root_ + "/shop-7f3a2c91");

    EXPECT_EQ(error_of([&] { const RunFolder folder(root_, run_); }),
              "error[BR0801]: cannot make the run folder '" + root_ +
                  "/shop-7f3a2c91': File exists\n"
                  "  hint: give a folder that can be written to with 'artifacts.dir'");
}

TEST_F(RunFolderTest, SaysWhyAFileCannotBeWritten) {
    EXPECT_EQ(error_of([&] { write_private_file(root_ + "/no/such/folder", "x"); }),
              "error[BR0802]: cannot write '" + root_ +
                  "/no/such/folder': No such file or directory\n"
                  "  hint: give another place with 'artifacts.dir', or make room there");
}

}  // namespace
}  // namespace berth
