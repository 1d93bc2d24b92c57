// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/internal/context_walk.hpp>
#include <berth/archive/internal/library.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace berth::archive {

namespace fs = std::filesystem;

ContextWalk::ContextWalk(fs::path root, const DockerIgnore& rules) : root_(std::move(root)), rules_(rules) {
    enter({root_, {}, {}}, false);
}

void ContextWalk::enter(Found folder, bool owed) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder.path, error), end; !error && at != end; at.increment(error)) {
        names.push_back(at->path().filename().native());
    }
    if (error) {
        fail_system(fmt::format("cannot read '{}'", shown(folder.path.native())), error.value());
    }
    std::sort(names.begin(), names.end());
    levels_.push_back({std::move(folder), owed, std::move(names), 0});
}

bool ContextWalk::next(Found& found) {
    while (ready_.empty()) {
        if (levels_.empty()) {
            return false;
        }
        Level& level = levels_.back();
        if (level.at == level.names.size()) {
            levels_.pop_back();
            continue;
        }
        const std::string& own = level.names[level.at++];
        Found here;
        here.path = level.folder.path / own;
        here.name = level.folder.name.empty() ? own : level.folder.name + '/' + own;
        if (::lstat(here.path.c_str(), &here.facts) != 0) {
            if (errno == ENOENT) {  // gone since the folder was read: it is not there now
                continue;
            }
            fail_system(fmt::format("cannot read '{}'", shown(here.path.native())), errno);
        }
        const bool excluded = rules_.excludes(here.name);
        const bool folder = S_ISDIR(here.facts.st_mode);
        if (excluded && !(folder && rules_.may_include_below(here.name))) {
            continue;
        }
        if (!excluded) {
            ready_.push_back(here);
            for (auto above = levels_.rbegin(); above != levels_.rend() && above->owed; ++above) {
                above->owed = false;
                ready_.push_back(above->folder);
            }
        }
        if (folder) {
            enter(std::move(here), excluded);
        }
    }
    found = std::move(ready_.back());
    ready_.pop_back();
    return true;
}

}  // namespace berth::archive
