@main
struct ChatServerMain {
  static func main() {}
}
