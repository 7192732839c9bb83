export default function WatchPage({ topic }: { topic: number | undefined }) {
  return <main className="main">{topic}</main>
}
