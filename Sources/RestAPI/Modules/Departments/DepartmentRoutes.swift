import Domain
import Hummingbird
import Storage

/// `/api/v1/departments`.
enum DepartmentRoutes {
  static func add(to table: inout RouteTable) {
    table.needs(.department, .read, .get, "/api/v1/departments") { call in
      try .json(ListAnswer(try await DepartmentActions.list(call).map(NamedAnswer.init)))
    }
    table.needs(.department, .create, .post, "/api/v1/departments") { call in
      var fields = try await call.call.fields()
      let name = fields.text("name", 1...200)
      try fields.finish()
      return try .json(NamedAnswer(try await DepartmentActions.create(name: name, call)), status: .created)
    }
    table.needs(.department, .update, .patch, "/api/v1/departments/{id}") { call in
      let id: DepartmentID = try call.call.id()
      var fields = try await call.call.fields()
      let name = fields.text("name", 1...200)
      try fields.finish()
      return try .json(NamedAnswer(try await DepartmentActions.rename(id, to: name, call)))
    }
    table.needs(.department, .delete, .delete, "/api/v1/departments/{id}") { call in
      try await DepartmentActions.retire(try call.call.id(), call)
      return .noContent
    }
    // Whoever takes departments out of use sees those, and takes them back.
    table.needs(.department, .delete, .get, "/api/v1/departments/retired") { call in
      try .json(ListAnswer(try await DepartmentActions.retired(call).map(NamedAnswer.init)))
    }
    table.needs(.department, .delete, .post, "/api/v1/departments/{id}/restore") { call in
      try .json(NamedAnswer(try await DepartmentActions.restore(try call.call.id(), call)))
    }
  }
}
