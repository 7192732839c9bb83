import Domain
import Foundation
import Testing

@testable import OneFin

/// What the demo hands in is checked without servers: that its papers are what they are called, and that nobody does what they may not.
struct DemoErrandTests {
  @Test("Every paper is of the type of its name", arguments: DemoErrand.all.flatMap(\.papers).map(\.name))
  func papers(name: String) throws {
    let paper = try #require(DemoErrand.all.flatMap(\.papers).last { $0.name == name })
    let content = paper.make()
    #expect(content == paper.make(), "made anew it is the same")
    let (head, tail) = (Array(content.prefix(FileTypeSniffer.window)), Array(content.suffix(FileTypeSniffer.window)))
    let type = try FileTypeSniffer.sniff(head: head, tail: tail, size: Int64(content.count), name: name)
    #expect(type.nameExtensions.contains(name.split(separator: ".").last.map(String.init) ?? ""))
  }

  @Test("Everybody writes where they take part, and takes the steps that are theirs")
  func steps() throws {
    var earlier: Set<String> = []
    var states: Set<DocumentState> = []
    for errand in DemoErrand.all {
      let people = DemoFirm.people.filter { $0.place == errand.company }.map(\.login)
      let staff = DemoFirm.duties.filter { $0.company == errand.company && $0.topics.contains(errand.topic) }.map(\.accountant)
      #expect(people.contains(errand.login) || staff.contains(errand.login), "\(errand.text)")
      #expect(!errand.papers.isEmpty && errand.papers.count <= 10)
      var state = DocumentState.received
      for step in errand.steps {
        let isStaff = staff.contains(step.login)
        #expect(people.contains(errand.login), "only papers of clients are worked on")
        #expect(isStaff || people.contains(step.login))
        #expect(state.next(staff: isStaff) == step.state, "\(errand.text)")
        state = step.state
      }
      states.insert(state)
      let place = "\(errand.company)/\(errand.topic)/\(errand.login)/"
      if let replaced = errand.replaces { #expect(earlier.contains(place + replaced)) }
      for paper in errand.papers { earlier.insert(place + paper.name) }
    }
    #expect(states == Set(DocumentState.allCases))
    #expect(Set(DemoErrand.all.map(\.topic)).count >= 4)
    #expect(DemoErrand.all.contains { $0.replaces != nil })
  }
}
