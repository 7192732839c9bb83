export default function AdminPage({ page }: { page: string | undefined }) {
  return <main className="main">{page}</main>
}
