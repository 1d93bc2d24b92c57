// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/dockerfile.hpp>
#include <berth/engine/internal/dockerfile_text.hpp>

#include <algorithm>
#include <initializer_list>
#include <set>

namespace berth {
namespace {

using engine::Instruction;
using engine::lower_case;

/// `--name=value` and `--name` in front of an instruction's own words.
struct Flag {
    std::string name{};
    std::string value{};
};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), text) != all.end();
}

std::vector<Flag> flags_of(const Instruction& instruction) {
    std::vector<Flag> flags;
    for (const auto& word : instruction.words) {
        if (word.substr(0, 2) != "--") {
            break;
        }
        const auto equals = word.find('=');
        flags.push_back({word.substr(2, equals == std::string::npos ? equals : equals - 2),
                         equals == std::string::npos ? std::string{} : word.substr(equals + 1)});
    }
    return flags;
}

/// `value` of `key=value` in a mount's list.
std::string mount_option(std::string_view mount, std::initializer_list<std::string_view> keys) {
    while (!mount.empty()) {
        const auto comma = mount.find(',');
        const auto option = mount.substr(0, comma);
        mount = comma == std::string_view::npos ? std::string_view{} : mount.substr(comma + 1);
        const auto equals = option.find('=');
        if (equals != std::string_view::npos && is_one_of(option.substr(0, equals), keys)) {
            return std::string(option.substr(equals + 1));
        }
    }
    return {};
}

class Reader {
  public:
    Reader(const BuildArguments& arguments, std::string_view platform) : arguments_(arguments) {
        add_platform("TARGET", platform);
        add_platform("BUILD", platform);
    }

    void take(const Instruction& instruction) {
        if (instruction.keyword == "ARG" && facts.stages.empty()) {
            for (const auto& word : instruction.words) {
                declare(word);
            }
        } else if (instruction.keyword == "FROM") {
            begin_stage(instruction);
        } else if (!facts.stages.empty()) {
            take_flags(instruction);
        }
        if (instruction.heredoc) {
            need_buildkit(instruction, instruction.keyword + " <<" + instruction.heredoc_name);
        }
    }

    DockerfileFacts facts{};

  private:
    void add_platform(const std::string& side, std::string_view platform) {
        const auto first = platform.find('/');
        const auto second = first == std::string_view::npos ? first : platform.find('/', first + 1);
        variables_[side + "PLATFORM"] = std::string(platform);
        variables_[side + "OS"] = std::string(platform.substr(0, first));
        if (first != std::string_view::npos) {
            variables_[side + "ARCH"] = std::string(platform.substr(first + 1, second - first - 1));
        }
        variables_[side + "VARIANT"] = second == std::string_view::npos ? "" : std::string(platform.substr(second + 1));
    }

    void declare(const std::string& word) {
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto given = arguments_.find(name);
        if (given != arguments_.end() && given->second) {
            variables_[name] = *given->second;
        } else if (equals != std::string::npos) {
            // One that cannot be told stays unset, and so does what is made of it.
            if (auto value = engine::substitute(word.substr(equals + 1), variables_)) {
                variables_[name] = std::move(*value);
            } else {
                variables_.erase(name);
            }
        }
    }

    [[nodiscard]] std::optional<std::size_t> stage_named(const std::string& name) const {
        for (std::size_t at = facts.stages.size(); at-- > 0;) {
            if (!facts.stages[at].name.empty() && facts.stages[at].name == lower_case(name)) {
                return at;
            }
        }
        return std::nullopt;
    }

    void begin_stage(const Instruction& instruction) {
        DockerfileFacts::Stage stage;
        stage.line = instruction.line;
        std::vector<std::string> words;
        for (const auto& word : instruction.words) {
            if (word.substr(0, 2) != "--") {
                words.push_back(word);
            }
        }
        for (const auto& flag : flags_of(instruction)) {
            if (flag.name == "platform") {
                stage.platform = engine::substitute(flag.value, variables_).value_or("");
            }
        }
        const std::string image = words.empty() ? "" : engine::substitute(words[0], variables_).value_or("");
        if (const auto other = stage_named(image)) {
            stage.stages.push_back(*other);
        } else if (image != "scratch") {
            stage.image = image;
        }
        if (words.size() >= 3 && lower_case(words[1]) == "as") {
            stage.name = lower_case(words[2]);
        }
        facts.stages.push_back(std::move(stage));
    }

    /// A stage by name or number, or an image.
    void copies_from(const std::string& source) {
        const std::string text = engine::substitute(source, variables_).value_or("");
        auto& stage = facts.stages.back();
        const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
        constexpr std::size_t k_digits = 6;
        if (number && text.size() <= k_digits) {
            if (const std::size_t at = std::stoul(text); at + 1 < facts.stages.size()) {
                stage.stages.push_back(at);
            }
        } else if (const auto other = stage_named(text)) {
            if (*other + 1 < facts.stages.size()) {
                stage.stages.push_back(*other);
            }
        } else if (!text.empty() && text != "scratch") {
            stage.images.push_back(text);
        }
    }

    void take_flags(const Instruction& instruction) {
        for (const auto& flag : flags_of(instruction)) {
            if (instruction.keyword == "COPY" && flag.name == "from") {
                copies_from(flag.value);
            } else if (instruction.keyword == "RUN" && flag.name == "mount") {
                take_mount(instruction, flag.value);
            } else if (instruction.keyword == "RUN" && is_one_of(flag.name, {"network", "security", "device"})) {
                need_buildkit(instruction, "RUN --" + flag.name);
            } else if (is_one_of(instruction.keyword, {"COPY", "ADD"}) && !is_one_of(flag.name, {"chown", "from"})) {
                need_buildkit(instruction, instruction.keyword + " --" + flag.name);
            }
        }
    }

    void take_mount(const Instruction& instruction, const std::string& mount) {
        const std::string type = mount_option(mount, {"type"});
        const std::string feature = "RUN --mount=type=" + (type.empty() ? "bind" : type);
        need_buildkit(instruction, feature);
        if (is_one_of(type, {"secret", "ssh"}) && !facts.session) {
            facts.session = {feature, instruction.line};
        }
        if (const std::string from = mount_option(mount, {"from"}); !from.empty()) {
            copies_from(from);
        }
    }

    void need_buildkit(const Instruction& instruction, std::string feature) {
        if (!facts.buildkit) {
            facts.buildkit = {std::move(feature), instruction.line};
        }
    }

    const BuildArguments& arguments_;
    std::map<std::string, std::string> variables_;
};

}  // namespace

DockerfileFacts read_dockerfile(std::string_view text, const BuildArguments& arguments, std::string_view platform) {
    Reader reader(arguments, platform);
    engine::DockerfileText file(text);
    reader.facts.frontend = file.frontend();
    Instruction instruction;
    while (file.next(instruction)) {
        reader.take(instruction);
    }
    return std::move(reader.facts);
}

std::optional<std::size_t> find_stage(const DockerfileFacts& facts, std::string_view target) {
    if (facts.stages.empty()) {
        return std::nullopt;
    }
    if (target.empty()) {
        return facts.stages.size() - 1;
    }
    const std::string name = lower_case(target);
    for (std::size_t at = 0; at < facts.stages.size(); ++at) {
        if (facts.stages[at].name == name || std::to_string(at) == name) {
            return at;
        }
    }
    return std::nullopt;
}

std::vector<BaseImage> base_images(const DockerfileFacts& facts, std::string_view target, StagesBuilt built) {
    std::vector<BaseImage> result;
    const auto last = find_stage(facts, target);
    if (!last) {
        return result;
    }
    std::set<std::size_t> wanted;
    if (built == StagesBuilt::until_target) {
        for (std::size_t at = 0; at <= *last; ++at) {
            wanted.insert(at);
        }
    } else {
        std::vector<std::size_t> open{*last};
        while (!open.empty()) {
            const std::size_t at = open.back();
            open.pop_back();
            if (wanted.insert(at).second) {
                open.insert(open.end(), facts.stages[at].stages.begin(), facts.stages[at].stages.end());
            }
        }
    }
    const auto add = [&](BaseImage image) {
        if (!image.reference.empty() && std::find(result.begin(), result.end(), image) == result.end()) {
            result.push_back(std::move(image));
        }
    };
    for (const std::size_t at : wanted) {
        const auto& stage = facts.stages[at];
        add({stage.image, stage.platform});
        for (const auto& image : stage.images) {
            add({image, {}});
        }
    }
    return result;
}

}  // namespace berth
