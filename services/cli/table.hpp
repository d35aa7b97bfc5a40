#pragma once
#include <string>
#include <vector>

namespace aftercall::cli {

using Row = std::vector<std::string>;

// Rows of equally many cells, the first with the headings: columns side by side. Text from outside stays on
// its line.
enum class Align { Left, RightButFirst };
std::string table_text(const std::vector<Row>& rows, Align align);

}  // namespace aftercall::cli
