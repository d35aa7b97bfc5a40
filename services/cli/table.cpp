#include "cli/table.hpp"

#include <algorithm>

namespace aftercall::cli {
namespace {

// Columns, not bytes: a letter of several bytes takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char each) {
    return (static_cast<unsigned char>(each) & 0xC0U) != 0x80U;
  }));
}

std::string on_one_line(std::string text) {
  for (auto& each : text)
    if (static_cast<unsigned char>(each) < ' ' || each == '\x7f') each = ' ';
  return text;
}

}  // namespace

std::string table_text(const std::vector<Row>& rows, Align align) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      const bool left = align == Align::Left || i == 0;
      const auto cell = on_one_line(row[i]);
      line += (i == 0 ? "" : "  ") + (left ? cell + padding : padding + cell);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace aftercall::cli
