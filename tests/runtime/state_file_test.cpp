// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/state_file.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace berth {
namespace {

namespace fs = std::filesystem;

StateFile the_shop() {
    StateFile state;
    state.run_id = "shop-7f3a2c91";
    state.run_directory = ".berth/runs/shop-7f3a2c91";
    state.project = "shop";
    state.started = "2026-01-31T10:00:00.000Z";
    state.engine_endpoint = "unix:///var/run/docker.sock";
    state.engine_kind = "docker";
    state.engine_version = "28.5.2";
    state.engine_api = "1.51";
    StateFile::ServiceState db;
    db.state = "ready";
    db.container_id = std::string(64, 'a');
    db.container_name = "berth-7f3a2c91-1-db";
    db.image = "postgres:16-alpine";
    db.digest = "sha256:1";
    db.host = "127.0.0.1";
    db.ports = {{"5432/tcp", {"127.0.0.1", 32771}}};
    db.url = "tcp://127.0.0.1:32771";
    db.internal_host = "db";
    db.internal_ports = {{"5432/tcp", 5432}};
    db.internal_url = "tcp://db:5432";
    db.ready_ms = 812;
    state.services.emplace_back("db", db);
    state.services.emplace_back("aaa", StateFile::ServiceState{});
    state.services.back().second.state = "completed";
    state.exports = {{"DATABASE_URL", "postgresql://db"}};
    return state;
}

class StateFileTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "berth-state-file-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
        path_ = root_ + "/state.json";
    }
    void TearDown() override { fs::remove_all(root_); }

    void write(const std::string& content, mode_t mode = 0600) const {
        std::ofstream(path_) << content;
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    }

    [[nodiscard]] std::string error() const {
        try {
            read_state_file(path_);
        } catch (const Error& refused) {
            return refused.what();
        }
        return "no error";
    }

    [[nodiscard]] std::string refusal(const std::string& why,
                                      const std::string& hint = "write it anew with 'berth up'") const {
        return "error[BR0803]: cannot read the state file '" + path_ + "': " + why + "\n  hint: " + hint;
    }

    // The shop's file with one piece of text replaced.
    void write_with(const std::string& from, const std::string& to) const {
        std::string text = state_file_json(the_shop());
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        write(text.replace(at, from.size(), to));
    }

    std::string root_;
    std::string path_;
};

TEST_F(StateFileTest, IsWrittenAsScriptsRelyOnIt) {
    auto shop = the_shop();
    shop.services.pop_back();

    EXPECT_EQ(state_file_json(shop), R"({
  "schema": 1,
  "run": {
    "id": "shop-7f3a2c91",
    "dir": ".berth/runs/shop-7f3a2c91",
    "project": "shop",
    "started": "2026-01-31T10:00:00.000Z",
    "matrix": {}
  },
  "engine": {
    "endpoint": "unix:///var/run/docker.sock",
    "kind": "docker",
    "version": "28.5.2",
    "api": "1.51"
  },
  "services": {
    "db": {
      "state": "ready",
      "container": {
        "id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "name": "berth-7f3a2c91-1-db"
      },
      "image": "postgres:16-alpine",
      "digest": "sha256:1",
      "host": "127.0.0.1",
      "ports": {
        "5432/tcp": {
          "host": "127.0.0.1",
          "port": 32771
        }
      },
      "url": "tcp://127.0.0.1:32771",
      "internal": {
        "host": "db",
        "ports": {
          "5432/tcp": 5432
        },
        "url": "tcp://db:5432"
      },
      "outputs": {},
      "ready_ms": 812
    }
  },
  "exports": {
    "DATABASE_URL": "postgresql://db"
  }
}
)");
}

TEST_F(StateFileTest, IsReadAsItWasWrittenInTheOrderOfTheSpec) {
    write(state_file_json(the_shop()));

    const auto state = read_state_file(path_);

    EXPECT_EQ(state_file_json(state), state_file_json(the_shop()));
    ASSERT_EQ(state.services.size(), 2U);
    EXPECT_EQ(state.services[0].first, "db");
    EXPECT_EQ(state.services[0].second.ports.at("5432/tcp").port, 32771);
    EXPECT_EQ(state.services[1].first, "aaa");
}

TEST_F(StateFileTest, NamesTheEngineWhereItsEndpointDoesNotFindIt) {
    StateFile shop = the_shop();
    shop.engine_name = "embedded";
    write(state_file_json(shop));
    EXPECT_EQ(read_state_file(path_).engine_name, "embedded");

    write(state_file_json(the_shop()));
    EXPECT_EQ(read_state_file(path_).engine_name, "");
}

TEST_F(StateFileTest, ThatIsNotThereNamesTheNextStep) {
    EXPECT_EQ(error(), refusal("No such file or directory",
                               "bring the environment up first with 'berth up', or run under 'berth run'"));
}

TEST_F(StateFileTest, ThatIsNoJsonIsRefused) {
    write("{\"schema\": 1, ");

    EXPECT_EQ(error(), refusal("it is not JSON"));
}

TEST_F(StateFileTest, OfANewerSchemaIsRefused) {
    write_with("\"schema\": 1", "\"schema\": 2");

    EXPECT_EQ(error(), refusal("it is schema 2, and this Berth reads up to 1",
                               "use the version of Berth that brought the environment up"));
}

TEST_F(StateFileTest, WithAWrongTypeNamesThePlace) {
    write_with("\"port\": 32771", "\"port\": \"32771\"");

    EXPECT_EQ(error(), refusal("'services.db.ports.5432/tcp.port' must be a whole number, and is a text"));
}

TEST_F(StateFileTest, WithAPortThatIsNoneNamesThePlace) {
    write_with("\"port\": 32771", "\"port\": 327710");

    EXPECT_EQ(error(), refusal("'services.db.ports.5432/tcp.port' is 327710, and may be 0 to 65535"));
}

TEST_F(StateFileTest, WithNumbersBeyondAllBoundsIsRefused) {
    write_with("\"ready_ms\": 812", "\"ready_ms\": 18446744073709551615");

    EXPECT_EQ(error(), refusal("'services.db.ready_ms' is 18446744073709551615, and may be 0 to 9223372036854775807"));
}

TEST_F(StateFileTest, WithoutAMemberNamesIt) {
    write_with("\"kind\": \"docker\",", "");

    EXPECT_EQ(error(), refusal("'engine.kind' is missing"));
}

TEST_F(StateFileTest, ThatIsAListIsRefused) {
    write("[]");

    EXPECT_EQ(error(), refusal("it must hold an object, and holds a list"));
}

TEST_F(StateFileTest, WhoseExportIsNoTextNamesIt) {
    write_with("\"postgresql://db\"", "null");

    EXPECT_EQ(error(), refusal("'exports.DATABASE_URL' must be a text, and is null"));
}

TEST_F(StateFileTest, ThatOthersMayWriteIsNotBelieved) {
    write(state_file_json(the_shop()), 0622);

    EXPECT_EQ(error(),
              refusal("others may write to it (mode 0622)", "check what it says, then 'chmod 600 " + path_ + "'"));
}

TEST_F(StateFileTest, OfAnotherUserIsNotBelieved) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can give a file away";
    }
    write(state_file_json(the_shop()));
    ASSERT_EQ(::chown(path_.c_str(), 1234, 1234), 0);

    EXPECT_EQ(error(),
              refusal("it belongs to user 1234, and this is user 0", "use the user that brought the environment up"));
}

TEST_F(StateFileTest, ThatIsALinkOrAFifoIsRefused) {
    write(state_file_json(the_shop()));
    fs::rename(path_, path_ + ".real");
    fs::create_symlink(path_ + ".real", path_);
    EXPECT_EQ(error(), refusal("it is a symbolic link"));

    fs::remove(path_);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(error(), refusal("it is no ordinary file"));
}

TEST(StateFilePath, IsTheVariablesOrTheUsualPlace) {
    ::unsetenv("BERTH_STATE");
    EXPECT_EQ(state_file_path("project"), "project/.berth/state.json");
    EXPECT_EQ(state_file_path(""), ".berth/state.json");

    ::setenv("BERTH_STATE", "elsewhere/state.json", 1);
    EXPECT_EQ(state_file_path("project"), "elsewhere/state.json");
    ::unsetenv("BERTH_STATE");
}

}  // namespace
}  // namespace berth
